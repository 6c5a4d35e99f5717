package sockets

import (
	"fmt"
	"strconv"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

// idleConns is how many connections share what a server needs anyway.
const idleConns = 10_000

// idleRows say what a connection costs on which nothing happens.
func idleRows() []row {
	s := func(name, mode string) server {
		return server{name: name, program: peer("idle"), args: func(a at) []string {
			return append(addrFlag(a), "-mode", mode)
		}}
	}
	return []row{{
		name:    "idle/conns=10000",
		does:    "memory of an echo server per idle connection that has been used once (the kernel's part is not counted)",
		servers: []server{s("netio", "wait"), s("coroutine", "coroutine"), s("goroutine", "goroutine")},
		wants:   []measure.Want{measure.Within("netio", "goroutine", 0.5).In("B/conn")},
		amount:  idleConns,
		rounds:  6,
		measure: measureIdle,
	}}
}

// measureIdle compares the memory of a server before and after n connections have been opened and used.
func measureIdle(x site) (measure.Sample, error) {
	if most := maxFiles(); most < uint64(x.n)+100 {
		return measure.Sample{}, fmt.Errorf("%w: a process may have %d open files (ulimit -Hn), and this needs %d",
			measure.ErrSkip, most, x.n+100)
	}
	before, err := x.settled()
	if err != nil {
		return measure.Sample{}, err
	}
	client, err := x.programs.path(loadProgram)
	if err != nil {
		return measure.Sample{}, err
	}
	p, err := start(x.cpus, nil, client, "-mode", "idle", "-addr", x.addr, "-conns", strconv.Itoa(x.n), "-size", "64")
	if err != nil {
		return measure.Sample{}, err
	}
	defer p.stop()
	if err := p.says("ready", 1); err != nil {
		return measure.Sample{}, err
	}
	after, err := x.settled()
	if err != nil {
		return measure.Sample{}, err
	}
	return measure.Of((after-before)/float64(x.n), "B/conn"), p.alive()
}

// settled returns the memory of the server without its garbage. It is asked twice: what ended a moment ago is given up
// only then.
func (x site) settled() (bytes float64, err error) {
	for range 2 {
		if err := x.server.settle(); err != nil {
			return 0, err
		}
	}
	return x.server.memory()
}
