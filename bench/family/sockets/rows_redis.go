package sockets

import (
	"fmt"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

const redisClients = 50

// redisRows are those of examples/redis, with one worker each.
func redisRows() (rows []row) {
	for _, pipeline := range []int{1, 16} {
		for _, command := range []string{"set", "get"} {
			wants := []measure.Want{
				measure.Over("redis", "redis-server", 1.0).In("cmd/s"),
				measure.Within("redis", "redis-server", 1.0).In("cpu-us/cmd"),
			}
			if pipeline > 1 {
				wants = []measure.Want{measure.Within("redis", "redis-server", 0.8).In("cpu-us/cmd")}
			}
			work := (&redisBenchmark{command: command, clients: redisClients, pipeline: pipeline}).load()
			r := row{
				name:    fmt.Sprintf("redis/%s/P=%d", command, pipeline),
				does:    fmt.Sprintf("redis-benchmark -t %s -c %d -P %d -r %d", command, redisClients, pipeline, redisKeys),
				servers: append(redis(), redisServer()),
				wants:   wants,
				measure: work.measure,
			}
			if pipeline == 1 {
				r.latency = work.latency(opener{mode: "open-redis-" + command, conns: redisClients, limit: mostAge})
			}
			rows = append(rows, r)
		}
	}
	return rows
}

func redis() []server {
	return goProcs(server{name: "redis", program: example("redis"), args: func(a at) []string {
		return []string{"--bind", "127.0.0.1", "--port", a.port, "--io-threads", "1"}
	}}, 1)
}

func redisServer() server {
	return server{name: "redis-server", program: installed("redis-server", "redis-server"), args: func(a at) []string {
		return []string{"--bind", "127.0.0.1", "--port", a.port, "--io-threads", "1", "--save", "", "--appendonly", "no"}
	}}
}
