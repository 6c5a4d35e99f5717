// Package native is the peers of package ring that are written in C and in Rust: rte_ring of DPDK, ck_ring of
// ConcurrencyKit, crossbeam's ArrayQueue and tokio's bounded channel. Each is a program of its own, built from sources
// beside this file and Debian's packages when it is first needed, and missing on its own where its package is.
package native

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"runtime"

	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/pushcore/pushcore/bench/internal/build"
	"github.com/pushcore/pushcore/bench/internal/cargo"
	"github.com/pushcore/pushcore/bench/internal/cc"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/queue"
)

//go:embed c
var inC embed.FS

//go:embed rust
var inRust embed.FS

// The programs. They are started when they are first asked, and ended by Close.
var (
	rteRing   = &program{name: "rte_ring", build: library("rte_ring", "libdpdk", "libdpdk-dev")}
	ckRing    = &program{name: "ck_ring", build: library("ck_ring", "ck", "libck-dev")}
	crossbeam = &program{name: "crossbeam", build: crate("crossbeam", "crossbeam-queue")}
	tokio     = &program{name: "tokio", build: crate("tokio", "tokio")}
)

// The limits of the programs.
const (
	maxBatch     = 256
	maxProducers = 4
)

// peer is one row's entry: a queue of a program's, asked for by the program's word for it.
type peer struct {
	name, variant string
	program       *program
	queue         string
	batches       bool // it can push and pop more than one at a time
}

// Impls returns the implementations that can do the shape; kind is "spsc" or "mpsc". An error of one of them wraps
// measure.ErrSkip where the program cannot be built.
func Impls(kind string, s queue.Shape) (all []measure.Impl) {
	if !valid(kind, s) {
		return nil
	}
	for _, p := range peers(kind, s) {
		if s.Batch > 1 && !p.batches {
			continue // it would be asked for one after the other, as with batches of 1
		}
		name := p.name
		if s.Staged {
			name += "-buffer" // the producer's own, enqueued when it is full
		}
		run := p.run(s)
		impls := measure.Each(name, run)
		if s.OneCore || p.variant != "" { // where the scheduler could only do worse
			impls = []measure.Impl{measure.Peer(name, run)}
		}
		for _, im := range impls {
			if p.variant != "" {
				im.Variant = p.variant
			}
			im.Program = true
			all = append(all, im)
		}
	}
	return all
}

func valid(kind string, s queue.Shape) bool {
	return (kind == "mpsc" || kind == "spsc" && s.Producers == 1) &&
		s.Producers >= 1 && s.Producers <= maxProducers && (s.Producers == 1 || !s.OneCore) &&
		(!s.Bare || kind == "spsc" && s.OneCore && s.Size == 8 && !s.Pointers && s.Load == 0) &&
		s.Batch >= 1 && s.Batch <= maxBatch && (s.Size == 8 || s.Size == 16 || s.Size == 64)
}

func peers(kind string, s queue.Shape) []peer {
	if s.Bare { // in C only: what is called there is a few instructions
		return []peer{{name: "rte_ring", program: rteRing, queue: "spsc-bare", batches: true},
			{name: "ck_ring", program: ckRing, queue: "spsc-bare"}}
	}
	all := []peer{{name: "rte_ring", program: rteRing, queue: kind, batches: true}}
	if kind == "mpsc" {
		all = append(all, peer{name: "rte_ring-hts", program: rteRing, queue: "mpsc-hts", batches: true},
			peer{name: "rte_ring-rts", program: rteRing, queue: "mpsc-rts", batches: true})
	}
	all = append(all, peer{name: "ck_ring", program: ckRing, queue: kind},
		peer{name: "crossbeam", program: crossbeam, queue: kind})
	if !s.OneCore { // who waits in a runtime cannot be both sides
		all = append(all, peer{name: "tokio", program: tokio, queue: kind})
	}
	return append(all, peer{name: "tokio", variant: "try", program: tokio, queue: kind + "-try"})
}

// run returns the measurement.
func (p peer) run(s queue.Shape) func(measure.Spot, int) (measure.Sample, error) {
	parse := throughput
	if s.Load > 0 {
		parse = latency
	}
	return func(spot measure.Spot, n int) (measure.Sample, error) {
		answer, err := p.program.ask(request(p.queue, s, spot, n, "none"))
		if err != nil {
			return measure.Sample{}, fmt.Errorf("%s: %w", p.name, err)
		}
		got, err := parse(answer)
		if err != nil {
			return measure.Sample{}, fmt.Errorf("%s: %q is no answer: %w", p.name, answer, err)
		}
		return got, nil
	}
}

// throughput reads an answer of nanoseconds per element, and how many there were.
func throughput(answer string) (measure.Sample, error) {
	var ns, items float64
	_, err := fmt.Sscan(answer, &ns, &items)
	got := measure.Of(ns, measure.NsPerOp)
	got.Items = items
	return got, err
}

// latency reads an answer of percentiles, how many elements there were, how many were due per second, and how many of
// these were done, in percent.
func latency(answer string) (measure.Sample, error) {
	var p50, p99, items, rate, achieved float64
	_, err := fmt.Sscan(answer, &p50, &p99, &items, &rate, &achieved)
	got := measure.Sample{Items: items, Metrics: []measure.Metric{{Value: p50, Unit: ages.P50}}}
	if items >= ages.Least {
		got.Metrics = append(got.Metrics, measure.Metric{Value: p99, Unit: ages.P99})
	}
	got.Metrics = append(got.Metrics, measure.Metric{Value: rate, Unit: ages.Rate},
		measure.Metric{Value: achieved, Unit: ages.Achieved})
	return got, err
}

// request is a program's line. The fault is what the first producer does wrong: none, or, to see that the program finds
// it, drop, double or change.
func request(name string, s queue.Shape, spot measure.Spot, n int, fault string) string {
	cpus := [2]int{-1, -1}
	if spot.Pinned {
		cpus = spot.CPUs
	}
	bit := map[bool]int{true: 1}
	return fmt.Sprintf("%s producers=%d batch=%d size=%d pointers=%d onecore=%d n=%d cpus=%d,%d fault=%s load=%d skew=%d",
		name, s.Producers, s.Batch, s.Size, bit[s.Pointers], bit[s.OneCore], n, cpus[0], cpus[1], fault, s.Load, spot.Skew())
}

// Close ends the programs that run. It may be called again, and whoever asks one after it starts it anew.
func Close() (err error) {
	for _, p := range []*program{rteRing, ckRing, crossbeam, tokio} {
		err = errors.Join(err, p.close())
	}
	return err
}

func library(name, pkg, debian string) func() (string, error) {
	return func() (string, error) {
		return cc.Project{Sources: sub(inC, "c"), Name: name, Files: []string{"harness.c", name + ".c"}, Library: pkg,
			Debian: debian}.Build()
	}
}

func crate(dir, crate string) func() (string, error) {
	return func() (string, error) {
		return cargo.Project{Sources: sub(inRust, "rust"), Dir: dir, Name: dir + "-queue", Crate: crate,
			Flags: []string{"-Ctarget-cpu=native"}}.Build()
	}
}

func sub(all fs.FS, dir string) fs.FS {
	part, err := fs.Sub(all, dir)
	if err != nil {
		panic(err) // dir is a constant
	}
	return part
}

// skip makes what is missing a reason.
func skip(err error) error {
	if errors.Is(err, build.ErrMissing) {
		return fmt.Errorf("%w: %w", measure.ErrSkip, err)
	}
	return err
}

// supported says whether the programs can run here at all: they pin threads as Linux does.
func supported() error {
	if runtime.GOOS != "linux" {
		return fmt.Errorf("%w: the peers in C and Rust run on linux, not on %s", measure.ErrSkip, runtime.GOOS)
	}
	return nil
}
