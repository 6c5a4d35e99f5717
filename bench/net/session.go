package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/pushcore/pushcore/bench/internal/cargo"
	"github.com/pushcore/pushcore/bench/internal/machine"
	"github.com/pushcore/pushcore/bench/internal/stat"
)

// session is one run of the program.
type session struct {
	cpus     [2]int // the client's and the server's
	rounds   int
	window   time.Duration
	longest  time.Duration // no measurement is longer, whatever its row says
	raw      io.Writer     // benchstat's
	programs programs
}

// measured is a row and what was found.
type measured struct {
	row
	series  []*series
	results []result
}

// run measures the rows round by round, A B C A B C: what is compared is compared within a round.
func (s *session) run(rows []row) (all []measured, err error) {
	defer func() { err = errors.Join(err, s.programs.close()) }()
	s.header()
	for _, r := range rows {
		m := measured{row: r}
		for _, sv := range r.servers {
			m.series = append(m.series, &series{server: sv})
		}
		for round := range s.rounds {
			if r.rounds > 0 && round >= r.rounds {
				break
			}
			for _, one := range m.series {
				if err := s.once(r, one, round); err != nil {
					return all, fmt.Errorf("%s/%s: %w", r.name, one.label(), err)
				}
			}
		}
		for _, t := range r.targets {
			m.results = append(m.results, t.judge(m.series))
		}
		all = append(all, m)
	}
	return all, nil
}

// header describes the machine in lines that benchstat keeps beside the results.
func (s *session) header() {
	fmt.Fprintf(s.raw, "goos: %s\ngoarch: %s\npkg: %s/bench/net\n", runtime.GOOS, runtime.GOARCH, module)
	fmt.Fprintf(s.raw, "cpu: %s\nkernel: %s\ngo: %s\ntokio: %s\nclient-cpu: %d\nserver-cpu: %d\n",
		machine.CPU(), machine.Kernel(), runtime.Version(), cargo.TokioVersion(), s.cpus[0], s.cpus[1])
}

// once takes one sample and writes its line.
func (s *session) once(r row, m *series, round int) error {
	if m.skipped != nil {
		return nil
	}
	got, err := s.sample(r, m, round)
	if errors.Is(err, errSkip) {
		m.skipped = err
		fmt.Fprintf(s.raw, "# %s/%s: %v\n", r.name, m.label(), err)
		return nil
	}
	if err != nil {
		return err
	}
	m.samples = append(m.samples, got)
	fmt.Fprintf(s.raw, "BenchmarkNet/%s/impl=%s %.0f", r.name, m.label(), got.items)
	for _, x := range got.metrics {
		fmt.Fprintf(s.raw, " %s %s", stat.Figure(x.value), x.unit)
	}
	fmt.Fprintln(s.raw)
	return nil
}

// sample starts a server afresh, so that no accident of one process lasts for a whole row, measures it and ends it.
func (s *session) sample(r row, m *series, round int) (got sample, err error) {
	var here at
	if r.upstream != nil {
		up, where, err := s.launch(*r.upstream, here, s.clientCPUs(r), false)
		if err != nil {
			return got, err
		}
		defer up.stop()
		here.upstream = where.addr
	}
	p, here, err := s.launch(m.server, here, s.serverCPUs(r), r.udp)
	if err != nil {
		return got, err
	}
	defer p.stop()
	window := s.window
	if r.window > 0 {
		window = r.window
	}
	got, err = r.measure(site{s: s, row: r, server: p, addr: here.addr, window: min(window, s.longest), first: round == 0})
	return got, errors.Join(err, p.alive())
}

// launch starts a server and waits until it listens.
func (s *session) launch(sv server, here at, cpus []int, udp bool) (*process, at, error) {
	path, err := s.programs.path(sv.program)
	if err != nil {
		return nil, here, err
	}
	if here.addr, err = freeAddr(); err != nil {
		return nil, here, err
	}
	if _, here.port, err = net.SplitHostPort(here.addr); err != nil {
		return nil, here, err
	}
	if sv.config != nil {
		here.config = filepath.Join(s.programs.dir, sv.label()+".cfg")
		if err := os.WriteFile(here.config, []byte(sv.config(here)), 0o600); err != nil {
			return nil, here, err
		}
	}
	p, err := start(cpus, sv.env, append([]string{path}, sv.args(here)...)...)
	if err != nil {
		return nil, here, err
	}
	ready := p.await
	if udp {
		ready = p.awaitUDP
	}
	if err := ready(here.addr); err != nil {
		p.stop()
		return nil, here, err
	}
	return p, here, nil
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

func (s *session) clientCPUs(r row) []int {
	if r.shared {
		return s.cpus[:]
	}
	return s.cpus[:1]
}

func (s *session) serverCPUs(r row) []int {
	if r.shared {
		return s.cpus[:]
	}
	return s.cpus[1:]
}
