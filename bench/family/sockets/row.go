package sockets

import (
	"fmt"
	"strings"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

// row is one line of the table: the same work done by several servers.
type row struct {
	name     string // "httpd/plaintext/conns=64", stable: benchstat compares by it
	does     string // for people
	servers  []server
	upstream *server // runs beside the client for as long as a server is measured, or nil
	wants    []measure.Want
	amount   int  // milliseconds that a server is loaded for, or what measure takes it for; 0: window
	rounds   int  // at most so many; 0: mostRounds
	short    bool // of the standard set
	udp      bool // the servers do not listen on TCP
	shared   bool // server and client both have both cpus; else each has one of its own
	measure  func(site) (measure.Sample, error)
	latency  func(x site, percent int) (measure.Sample, error) // at a share of the pace; nil: no row for that
}

// window is how long a server is loaded, where its row says nothing else.
const window = 3 * time.Second

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

// describe returns the command of a server as a reader would type it.
func (s server) describe() string {
	words := append([]string(nil), s.env...)
	_, name, _ := strings.Cut(s.program.name, ":")
	words = append(words, name)
	for _, a := range s.args(at{addr: "ADDR", port: "PORT", upstream: "UPSTREAM", config: "CONFIG"}) {
		if a == "" {
			a = `""`
		}
		words = append(words, a)
	}
	return strings.Join(words, " ")
}
