package main

import (
	"fmt"
	"strconv"
)

// idleConns is how many connections share what a server needs anyway.
const idleConns = 10_000

// idleRows say what a connection costs on which nothing happens.
func idleRows() []row {
	s := func(name, mode string) server {
		return server{name: name, program: peer("idle"), args: func(a at) []string { return append(addrFlag(a), "-mode", mode) }}
	}
	return []row{{
		name:    "idle/conns=10000",
		does:    "memory of an echo server per idle connection that has been used once (the kernel's part is not counted)",
		servers: []server{s("netio", "wait"), s("coroutine", "coroutine"), s("goroutine", "goroutine")},
		targets: []target{atMost("B/conn", "netio", "goroutine", 0.5)},
		rounds:  5,
		measure: measureIdle,
	}}
}

// measureIdle compares the memory of a server before and after connections have been opened and used.
func measureIdle(x site) (sample, error) {
	if most := maxFiles(); most < idleConns+100 {
		return sample{}, fmt.Errorf("%w: a process may have %d open files (ulimit -Hn), and this needs %d", errSkip, most, idleConns+100)
	}
	before, err := x.settled()
	if err != nil {
		return sample{}, err
	}
	client, err := x.s.programs.path(loadProgram)
	if err != nil {
		return sample{}, err
	}
	p, err := start(x.s.clientCPUs(x.row), nil, client, "-mode", "idle", "-addr", x.addr, "-conns", strconv.Itoa(idleConns), "-size", "64")
	if err != nil {
		return sample{}, err
	}
	defer p.stop()
	if err := p.says("ready", 1); err != nil {
		return sample{}, err
	}
	after, err := x.settled()
	if err != nil {
		return sample{}, err
	}
	return sample{items: idleConns, metrics: []metric{{(after - before) / idleConns, "B/conn"}}}, p.alive()
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
