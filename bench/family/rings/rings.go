// Package rings is the family of package ring's rows: queues between threads, in every shape of package queue.
package rings

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/queue"
	"github.com/pushcore/pushcore/bench/peers/native"
)

// Family lists the rows.
func Family() measure.Family {
	var rows []measure.Row
	for _, kind := range []string{"spsc", "mpsc"} {
		for _, s := range shapes(kind) {
			if rows = append(rows, row(kind, s)); !s.Bare {
				rows = append(rows, latencyRows(kind, s)...)
			}
		}
	}
	return measure.Family{
		Name: "ring",
		Does: "package ring beside the queues that a program would use in its place",
		Rows: rows,
		End:  native.Close,
	}
}

// pointed is the size of what pointers point to: an object of one cache line.
const pointed = 64

// shapes lists what the queues of a kind, "spsc" or "mpsc", are asked to do: everything, but that three and four
// producers send the smallest elements only.
func shapes(kind string) (all []queue.Shape) {
	batches := []queue.Shape{{Batch: 1}, {Batch: 8}, {Batch: 32}, {Batch: 128}, {Batch: 256}}
	producers := []int{1}
	if kind == "spsc" {
		batches = append(batches, queue.Shape{Batch: 8, Staged: true}, queue.Shape{Batch: 32, Staged: true})
	} else {
		producers = []int{1, 2, 3, 4} // and nobody stages: a ring for several has no Stage
	}
	elements := []queue.Shape{{Size: 8}, {Size: 16}, {Size: 64}, {Size: pointed, Pointers: true}}
	for _, s := range batches {
		for _, e := range elements {
			s.Size, s.Pointers = e.Size, e.Pointers
			for _, s.Producers = range producers {
				if s.Producers <= 2 || plain(s) {
					all = append(all, s)
				}
			}
			one := s
			one.Producers, one.OneCore = 1, true
			all = append(all, one)
			if kind == "spsc" && plain(s) && !s.Staged && s.Batch <= 32 {
				one.Bare = true
				all = append(all, one)
			}
		}
	}
	return all
}

// plain says that elements are words.
func plain(s queue.Shape) bool { return s.Size == 8 && !s.Pointers }

// standard says whether a shape is measured unless everything is asked for.
func standard(kind string, s queue.Shape) bool {
	batches := []int{1, 8, 32, 128}
	switch {
	case !plain(s) || s.Producers > 2:
		return false
	case s.Staged:
		return s.Batch == 32 && !s.OneCore
	case s.Bare:
		batches = []int{8, 32}
	case kind == "mpsc":
		return (s.Batch == 1 || s.Batch == 32) && !s.OneCore
	case s.OneCore:
		batches = []int{1, 8, 32}
	}
	return slices.Contains(batches, s.Batch)
}

func name(kind string, s queue.Shape) string {
	return "Ring/" + strings.ToUpper(kind) + "/" + s.String()
}

func row(kind string, s queue.Shape) measure.Row {
	r := measure.Row{
		Name:  name(kind, s),
		Does:  does(kind, s),
		Impls: impls(kind, s),
		Full:  !standard(kind, s),
	}
	r.Wants = wants(kind, s, r.Impls)
	r.Impls = append(r.Impls, absent(kind, s, r.Impls)...)
	return r
}

// singles are the peers that know no batches.
var singles = []string{"xsync", "xsync-mpmc", "xsync-umpsc", "workiva", "ck_ring", "crossbeam", "tokio"}

// absent are those of the row of the same elements one at a time that this row lacks, with the reason.
func absent(kind string, s queue.Shape, here []measure.Impl) (all []measure.Impl) {
	if s.Batch == 1 {
		return nil
	}
	single := s
	single.Batch, single.Staged = 1, false
	for _, peer := range singles {
		is := func(im measure.Impl) bool { return im.Name == peer }
		if !slices.ContainsFunc(impls(kind, single), is) || slices.ContainsFunc(here, is) {
			continue
		}
		all = append(all, measure.Peer(peer, func(measure.Spot, int) (measure.Sample, error) {
			return measure.Sample{}, fmt.Errorf("%w: it knows no batches, see the rows with batch=1", measure.ErrSkip)
		}))
	}
	return all
}

// impls returns who does s.
func impls(kind string, s queue.Shape) (all []measure.Impl) {
	switch {
	case s.Bare:
		all = []measure.Impl{measure.Ours("pushcore", spscBare(s.Batch))}
	case s.Pointers:
		all = goImpls(kind, s, recycled)
	case s.Size == 8:
		all = goImpls(kind, s, values[small])
	case s.Size == 16:
		all = goImpls(kind, s, values[middle])
	default:
		all = goImpls(kind, s, values[large])
	}
	if s.OneCore && s.Load == 0 {
		all = append(all, measure.Calibration())
	}
	return append(all, native.Impls(kind, s)...)
}

func goImpls[T element](kind string, s queue.Shape, of maker[T]) (all []measure.Impl) {
	ours := func(name string, open opener[T]) {
		if s.Producers > 1 { // some of which share a cpu: whether that should be left to the scheduler is a question
			all = append(all, measure.EachOurs(name, work(s, open, of))...)
		} else {
			all = append(all, measure.Ours(name, work(s, open, of)))
		}
	}
	peer := func(name string, open opener[T]) {
		if s.OneCore { // one thread: there is nothing to place
			all = append(all, measure.Peer(name, work(s, open, of)))
		} else {
			all = append(all, measure.Each(name, work(s, open, of))...)
		}
	}
	if kind == "spsc" {
		ours("pushcore", spsc[T])
		if s.Batch == 1 && !s.OneCore {
			ours("pushcore-pop", spscPop[T])
		}
		if s.Staged && !s.Pointers && !s.OneCore {
			ours("pushcore-reserve", spscReserve[T])
		}
	} else {
		ours("pushcore", mpsc[T])
	}
	peer("channel", channel[T])
	peer("mutex-swap", mutexSwap[T])
	if s.Batch > 1 {
		return all // the others know no batches, see absent
	}
	if kind == "spsc" {
		peer("xsync", xsyncSPSC[T])
	}
	peer("xsync-mpmc", xsyncMPMC[T])
	if kind == "mpsc" && !s.Pointers { // it has no bound, which who uses objects again needs
		peer("xsync-umpsc", xsyncUMPSC[T])
	}
	peer("workiva", workiva[T])
	return all
}
