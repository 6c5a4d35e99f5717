// Package affinity is the family of what it matters where threads run and how they wait: the same work pinned and left
// to the scheduler, on cpus that are near and far, by loops that spin and that park, with and without processors to
// spare and a neighbour that keeps the garbage collector at work.
package affinity

import (
	"errors"
	"runtime"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/neighbour"
	"github.com/pushcore/pushcore/exec"
)

// work is one measurement.
type work = func(s measure.Spot, n int) (measure.Sample, error)

// The two kinds of work that all rows are about.
const (
	ringDoes = "values of 8 bytes through a ring, by 8"
	pingDoes = "a task to the other Exec and one back"
)

// fewPings are enough to see that a ball comes back, even where the kernel lets each Exec run for some milliseconds.
const fewPings = 16

// Family lists the rows.
func Family() measure.Family {
	rows := pinningRows()
	rows = append(rows, waitingRows()...)
	rows = append(rows, gcRows()...)
	rows = append(rows, pairsRow())
	rows = append(rows, placeRows()...)
	return measure.Family{
		Name: "affinity",
		Does: "where threads run and how they wait: pinned or not, near or far, polling or parking, alone or not",
		Rows: append(rows, procsRows()...),
	}
}

func pinningRows() []measure.Row {
	return []measure.Row{{
		Name:  "Affinity/pinning/ring",
		Does:  ringDoes + ", between two pinned threads and between two goroutines that nobody pins",
		Impls: measure.Join(measure.EachOurs("pushcore", transfer), measure.Each("channel", transferChannel)),
	}, {
		Name:  "Affinity/pinning/ping",
		Does:  pingDoes + ", each polling: pinned, and on threads that nobody pins",
		Impls: measure.Join(measure.EachOurs("pushcore", ping(exec.SpinForever)), measure.Each("channel", pingChannel)),
		Few:   fewPings,
	}}
}

func waitingRows() []measure.Row {
	return []measure.Row{{
		Name: "Affinity/waiting/stream",
		Does: "values of 8 bytes to an Exec, by 8: it polls for ever, parks at once, or does as it does by default",
		Impls: measure.Join(measure.Ours("spinning", stream(exec.SpinForever)), measure.Ours("parking", stream(-1)),
			measure.Ours("default", stream(0))),
	}, {
		Name: "Affinity/waiting/ping",
		Does: pingDoes + ": both poll for ever, park at once, or do as they do by default",
		Impls: measure.Join(measure.Ours("spinning", ping(exec.SpinForever)), measure.Ours("parking", ping(-1)),
			measure.Ours("default", ping(0))),
		Few: fewPings,
	}}
}

func gcRows() []measure.Row {
	return []measure.Row{{
		Name:  "Affinity/gc/ring",
		Does:  ringDoes + ", alone and beside a goroutine that keeps the garbage collector at work",
		Impls: measure.Join(measure.Ours("alone", transfer), measure.Ours("gc", besideGC(transfer))),
	}, {
		Name: "Affinity/gc/ping",
		Does: pingDoes + ", both polling, alone and beside a goroutine that keeps the garbage collector at work",
		Impls: measure.Join(measure.Ours("alone", ping(exec.SpinForever)),
			measure.Ours("gc", besideGC(ping(exec.SpinForever)))),
		Few: fewPings,
	}}
}

// placeRows have an implementation for each distance; which of them a machine has is seen when they run.
func placeRows() []measure.Row {
	far := func(w work) (impls []measure.Impl) {
		for _, d := range distances {
			impls = append(impls, measure.Ours(d.name, at(d, w)))
		}
		return impls
	}
	return []measure.Row{{
		Name:  "Affinity/place/ring",
		Does:  ringDoes + ", between threads on one cpu, and on two at every distance that the machine has",
		Impls: far(transfer),
		Full:  true,
	}, {
		Name:  "Affinity/place/ping/spinning",
		Does:  pingDoes + ", both polling, on one cpu and at every distance",
		Impls: far(ping(exec.SpinForever)),
		Full:  true,
		Few:   fewPings,
	}, {
		Name:  "Affinity/place/ping/parking",
		Does:  pingDoes + ", both parking at once, on one cpu and at every distance",
		Impls: far(ping(-1)),
		Full:  true,
		Few:   fewPings,
	}}
}

// sparePs is how many processors the scheduler has in the rows where it has some to spare.
const sparePs = 2

func procsRows() []measure.Row {
	impls := func(w work) []measure.Impl {
		return measure.Join(measure.Ours("none", procs(0, w)), measure.Ours("spare", procs(sparePs, w)),
			measure.Ours("none-gc", besideGC(procs(0, w))), measure.Ours("spare-gc", besideGC(procs(sparePs, w))))
	}
	return []measure.Row{{
		Name:  "Affinity/procs/ring",
		Does:  ringDoes + ": GOMAXPROCS is 2, all of which the two threads take, or 4; with and without the neighbour",
		Impls: impls(transfer),
		Full:  true,
	}, {
		Name:  "Affinity/procs/ping",
		Does:  pingDoes + ", both polling: GOMAXPROCS is 2 or 4; with and without the neighbour",
		Impls: impls(ping(exec.SpinForever)),
		Full:  true,
		Few:   fewPings,
	}}
}

// procs sets GOMAXPROCS to what the two threads take and spare more.
func procs(spare int, w work) work {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2 + spare))
		return w(s, n)
	}
}

// besideGC lets the neighbour run meanwhile.
func besideGC(w work) work {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		other := neighbour.Churn()
		sm, err := w(s, n)
		return sm, errors.Join(err, other.Stop())
	}
}
