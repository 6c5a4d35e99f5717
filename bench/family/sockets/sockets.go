// Package sockets measures the project's servers beside those that people use in their place: each is a program of its
// own, on one core, and its client is on the other.
//
// What decides is the processor time of the server for each request: where the client is what saturates, requests per
// second tell of the client.
package sockets

import (
	"slices"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

// Family lists the rows. Servers are started on the calling thread and live as long as that: whoever measures them
// keeps its thread.
func Family() measure.Family {
	built := &programs{}
	f := measure.Family{
		Name: "net",
		Does: "servers on netio beside others, in Go, Rust and C: HTTP, Redis, TCP proxy, UDP, idle connections",
		End:  built.close,
	}
	for _, r := range table() {
		f.Rows = append(f.Rows, r.row(built))
	}
	return f
}

// table lists every row, in the order in which they are measured and printed.
func table() []row {
	var rows []row
	rows = append(rows, httpRows()...)
	rows = append(rows, redisRows()...)
	rows = append(rows, proxyRows()...)
	rows = append(rows, udpRows()...)
	rows = append(rows, idleRows()...)
	return append(shortRows(rows), withLatency(rows)...)
}

// mostRounds are enough for rows of which each round takes half a minute.
const mostRounds = 7

// own are the servers of this project.
var own = []string{"httpd", "proxy", "redis", "netio"}

// row returns r as the harness has it.
func (r row) row(built *programs) measure.Row {
	out := measure.Row{
		Name: "Net/" + r.name, Does: r.does, Wants: r.wants, Full: !r.short, Slow: true,
		Rounds: r.rounds, Amount: r.amount,
	}
	if out.Rounds == 0 {
		out.Rounds = mostRounds
	}
	if out.Amount == 0 {
		out.Amount = int(window.Milliseconds())
	}
	out.Takes = time.Duration(out.Amount)*time.Millisecond + time.Second // with the start, about
	for _, sv := range r.servers {
		out.Impls = append(out.Impls, measure.Impl{
			Name: sv.name, Variant: sv.variant, Pinned: true, Own: slices.Contains(own, sv.name), Program: true,
			Note: sv.describe(),
			Run: func(s measure.Spot, n int) (measure.Sample, error) {
				if errSystem != nil {
					return measure.Sample{}, errSystem
				}
				return r.sample(built, sv, s, n)
			},
		})
	}
	return out
}
