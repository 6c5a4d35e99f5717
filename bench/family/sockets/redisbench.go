package sockets

import (
	"encoding/csv"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

var redisBenchmarkProgram = installed("redis-benchmark", "redis-tools")

// redisKeys is how many keys the commands are spread over.
const redisKeys = 100_000

// redisBenchmark is the Redis client of the table. It is told how many commands to send, not for how long: a first run
// finds how many take how long.
type redisBenchmark struct {
	command           string
	clients, pipeline int

	server    *process // that the rate is of
	perSecond float64
}

func (b *redisBenchmark) load() load {
	return load{per: 1, unit: "cpu-us/cmd", scale: 1e6, check: checkRedis, prepare: b.fill, run: b.run}
}

// fill sets most of the keys.
func (b *redisBenchmark) fill(x site) error {
	if b.command == "set" {
		return nil
	}
	_, err := b.send(x, "set", 3*redisKeys, 16, patience)
	return err
}

// probe is how many commands the first run sends, for each one of a pipeline.
const probe = 20_000

func (b *redisBenchmark) run(x site, d time.Duration) (outcome, error) {
	n := probe * b.pipeline
	if b.server == x.server {
		n = max(n, int(b.perSecond*d.Seconds()))
	}
	r, err := b.send(x, b.command, n, b.pipeline, d)
	if err != nil {
		return outcome{}, err
	}
	b.server, b.perSecond = x.server, r.perSecond
	return outcome{float64(n), []measure.Metric{
		{Value: r.perSecond, Unit: "cmd/s"}, {Value: r.p50 * 1e3, Unit: "p50-us"}, {Value: r.p99 * 1e3, Unit: "p99-us"},
	}}, nil
}

func (b *redisBenchmark) send(x site, command string, n, pipeline int, d time.Duration) (redisReport, error) {
	host, port, _ := strings.Cut(x.addr, ":")
	out, err := x.client(redisBenchmarkProgram, 4*d, "-h", host, "-p", port, "-t", command, "-c", strconv.Itoa(b.clients),
		"-P", strconv.Itoa(pipeline), "-r", strconv.Itoa(redisKeys), "-n", strconv.Itoa(n), "--csv")
	if err != nil {
		return redisReport{}, err
	}
	r, err := parseRedis(string(out), command)
	if err != nil {
		err = fmt.Errorf("redis-benchmark: %w in %q", err, out)
	}
	return r, err
}

// redisReport is a line of redis-benchmark's: commands per second, and milliseconds.
type redisReport struct{ perSecond, p50, p99 float64 }

// parseRedis reads the line of a command, which is found by the names of the columns.
func parseRedis(text, command string) (r redisReport, err error) {
	_, text, found := strings.Cut(text, `"test"`)
	if !found {
		return r, errors.New("no line that begins with \"test\"")
	}
	lines, err := csv.NewReader(strings.NewReader(`"test"` + text)).ReadAll()
	if err != nil {
		return r, err
	}
	for _, line := range lines[1:] {
		if !strings.EqualFold(line[0], command) {
			continue
		}
		for i, name := range lines[0] {
			into := map[string]*float64{"rps": &r.perSecond, "p50_latency_ms": &r.p50, "p99_latency_ms": &r.p99}[name]
			if into == nil {
				continue
			}
			if *into, err = strconv.ParseFloat(line[i], 64); err != nil {
				return r, err
			}
		}
		if r.perSecond == 0 {
			return r, fmt.Errorf("%w per second", errNothing)
		}
		return r, nil
	}
	return r, fmt.Errorf("no line for %s", command)
}
