package main

import (
	"fmt"
)

// redisRows are those of examples/redis, with one worker each.
func redisRows() (rows []row) {
	for _, pipeline := range []int{1, 16} {
		for _, command := range []string{"set", "get"} {
			targets := []target{
				atLeast("cmd/s", "redis", "redis-server", 1.0),
				atMost("cpu-us/cmd", "redis", "redis-server", 1.0),
			}
			if pipeline > 1 {
				targets = []target{atMost("cpu-us/cmd", "redis", "redis-server", 0.8)}
			}
			rows = append(rows, row{
				name:    fmt.Sprintf("redis/%s/P=%d", command, pipeline),
				does:    fmt.Sprintf("redis-benchmark -t %s -c 50 -P %d -r %d", command, pipeline, redisKeys),
				servers: append(redis(), redisServer()),
				targets: targets,
				measure: (&redisBenchmark{command: command, clients: 50, pipeline: pipeline}).load().measure,
			})
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
