package main

import (
	"errors"
	"fmt"
	"time"
)

// row is one line of the table: the same work done by several servers.
type row struct {
	name     string // "httpd/plaintext/conns=64", stable: benchstat compares by it
	does     string // for people
	servers  []server
	upstream *server // runs beside the client for as long as a server is measured, or nil
	targets  []target
	window   time.Duration // how long one measurement takes; 0: as the command line says
	rounds   int           // at most so many, for what takes long; 0: as many as asked for
	udp      bool          // the servers do not listen on TCP
	shared   bool          // server and client both have both cpus; else each has one of its own
	measure  func(site) (sample, error)
}

// server is one implementation. Those that share a name are variants of one server: all are shown, the best is
// compared.
type server struct {
	name    string
	variant string // "", or how it differs from the others: "procs=2"
	program program
	args    func(at) []string
	config  func(at) string // the text of at.config, for those that read one
	env     []string
}

// at is where a server finds what it needs.
type at struct {
	addr     string // to listen on
	port     string // the port of that
	upstream string // the address of the row's upstream
	config   string // the name of its configuration file
}

func (s server) label() string {
	if s.variant == "" {
		return s.name
	}
	return s.name + "-" + s.variant
}

// with returns s as another variant.
func (s server) with(variant string, env ...string) server {
	if s.variant != "" {
		variant = s.variant + "-" + variant
	}
	s.variant = variant
	s.env = append(append([]string(nil), s.env...), env...)
	return s
}

// procs returns s with each GOMAXPROCS: on one core a Go program may be quicker with a second thread to hand over to
// when one is in a system call, or without.
func procs(s server, counts ...int) (vs []server) {
	for _, n := range counts {
		vs = append(vs, s.with(fmt.Sprintf("procs=%d", n), fmt.Sprintf("GOMAXPROCS=%d", n)))
	}
	return vs
}

// sample is what one measurement found. The first metric is that by which variants are compared; less is better.
type sample struct {
	items   float64 // what was done: requests, commands, packets
	metrics []metric
}

type metric struct {
	value float64
	unit  string
}

// of returns the metric that has this unit.
func (s sample) of(unit string) (v float64, ok bool) {
	for _, m := range s.metrics {
		if m.unit == unit {
			return m.value, true
		}
	}
	return 0, false
}

// errSkip, wrapped, says that a measurement is impossible here; the row is shown without it.
var errSkip = errors.New("not measured here")

// series are the samples of one server, one per round.
type series struct {
	server
	samples []sample
	skipped error
}

// values returns one metric of all rounds.
func (m *series) values(unit string) (vs []float64) {
	for _, s := range m.samples {
		if v, ok := s.of(unit); ok {
			vs = append(vs, v)
		}
	}
	return vs
}

// table lists every row, in the order in which they are measured and printed.
func table() []row {
	var rows []row
	rows = append(rows, httpRows()...)
	rows = append(rows, redisRows()...)
	rows = append(rows, proxyRows()...)
	rows = append(rows, udpRows()...)
	rows = append(rows, idleRows()...)
	return rows
}
