package main

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/pushcore/pushcore/bench/internal/stat"
)

// unitTime is how long one measurement should take: long against its start-up, short against the machine's moods, so
// that what is compared meets the same one.
const unitTime = 30 * time.Millisecond

// row is one line of the table: the same work done by several implementations.
type row struct {
	name    string // "Ring/SPSC/one", stable: benchstat compares by it
	impls   []impl
	targets []target
	rounds  int // at most so many, for what takes seconds; 0: as many as asked for
	n       int // fixed amount of work; 0: as much as takes unitTime
	least   int // at least so much, however long that takes: one iteration of the row's shape
}

// impl is one implementation. Those that share a name are variants of one peer: all are shown, the best is compared.
type impl struct {
	name    string
	variant string // "" or "unpinned", "procs=1", ...
	run     func(s spot, n int) (sample, error)
	pinned  bool
}

// sample is what one measurement found: ns per item unless the unit says otherwise, and other figures of the same run.
type sample struct {
	value float64
	unit  string // "" is "ns/op"
	extra []metric
}

type metric struct {
	value float64
	unit  string
}

// errSkip, wrapped, says that a measurement is impossible here; the row is shown without it.
var errSkip = errors.New("not measured here")

func perOp(d time.Duration, n int) sample { return sample{value: float64(d) / float64(n)} }

// each returns f pinned to the two cpus and f left to the scheduler.
func each(name string, f func(s spot, n int) (sample, error)) []impl {
	return []impl{{name: name, run: f, pinned: true}, {name: name, variant: "unpinned", run: f}}
}

// ours returns f, pinned.
func ours(name string, f func(s spot, n int) (sample, error)) impl {
	return impl{name: name, run: f, pinned: true}
}

// session is one run of the program.
type session struct {
	cpus   [2]int
	rounds int
	raw    io.Writer // benchstat's
	text   io.Writer // people's
	skew   int64     // see spot
}

func (s *session) spot(i impl) spot { return spot{cpus: s.cpus, pinned: i.pinned, skew: s.skew} }

// series are the samples of one implementation, one per round.
type series struct {
	impl
	n       int
	samples []sample
	skipped error
}

func (s *session) run(rows []row) error {
	before := readUsage()
	if err := s.header(); err != nil {
		return err
	}
	measured := make([][]*series, len(rows))
	for i, r := range rows {
		for _, im := range r.impls {
			n, err := s.amount(r, im)
			if err != nil && !errors.Is(err, errSkip) {
				return fmt.Errorf("%s/%s: %w", r.name, im.name, err)
			}
			measured[i] = append(measured[i], &series{impl: im, n: n, skipped: err})
		}
	}
	for round := range s.rounds {
		for i, r := range rows {
			if r.rounds > 0 && round >= r.rounds {
				continue
			}
			for _, m := range measured[i] {
				if m.skipped != nil {
					continue
				}
				if err := s.measure(r, m); err != nil {
					return err
				}
			}
		}
	}
	s.footer(before)
	verdicts := map[string]int{}
	for i, r := range rows {
		s.summary(r, measured[i], verdicts)
	}
	fmt.Fprintf(s.text, "\nTargets: %d met, %d missed, %d too noisy to judge, %d not measured here\n",
		verdicts["met"], verdicts["missed"], verdicts["noisy"], verdicts["skipped"])
	return nil
}

// measure takes one sample and writes its line.
func (s *session) measure(r row, m *series) error {
	runtime.GC() // everyone starts with a clean heap, nobody pays for the one before
	got, err := m.run(s.spot(m.impl), m.n)
	if errors.Is(err, errSkip) {
		m.skipped = err
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s/%s: %w", r.name, m.label(), err)
	}
	m.samples = append(m.samples, got)
	fmt.Fprintf(s.raw, "Benchmark%s/impl=%s %d %s %s", r.name, m.label(), m.n, stat.Figure(got.value), got.in())
	for _, x := range got.extra {
		fmt.Fprintf(s.raw, " %s %s", stat.Figure(x.value), x.unit)
	}
	fmt.Fprintln(s.raw)
	return nil
}

// amount finds how much work takes unitTime, without the start of threads where the sample tells. It believes the
// quickest of three tries: one that another process interrupts makes little work look like plenty.
func (s *session) amount(r row, im impl) (int, error) {
	if r.n > 0 {
		return r.n, nil
	}
	for n := amountStep; ; n *= 4 {
		quickest := time.Hour
		for range 3 {
			start := time.Now()
			got, err := im.run(s.spot(im), n)
			if err != nil {
				return 0, err
			}
			took := time.Since(start)
			if got.unit == "" {
				took = time.Duration(got.value * float64(n))
			}
			quickest = min(quickest, took)
		}
		if quickest > unitTime/6 {
			return max(r.least, roundUp(int(float64(n)*float64(unitTime)/float64(quickest)))), nil
		}
	}
}

// amountStep divides every amount of work, so that batches come out even.
const amountStep = 64

func roundUp(n int) int { return max(1, (n+amountStep-1)/amountStep) * amountStep }

func (i impl) label() string {
	if i.variant == "" {
		return i.name
	}
	return i.name + "-" + i.variant
}

func (s sample) in() string {
	if s.unit == "" {
		return "ns/op"
	}
	return s.unit
}
