// Package pools holds what a Go program would give its work to in the place of an Exec or a group: worker goroutines
// fed by channels, pools of goroutines, and plain goroutines. It also keeps the account of who has done what.
//
// Where everyone is: worker 0 is on the spot's second cpu and worker 1 on the first, and so on in turn; producer 0 is
// on the first, producer 1 on the second. With two workers a producer thus shares a cpu with one of them on a machine
// of two, and gives it away whenever it has to wait (measure.Shared). Pinned, everyone has a thread of its own, and
// GOMAXPROCS is raised so that each of them has a P (Procs); a pool's workers are goroutines that nobody can pin, and
// only its producers are pinned then. Unpinned, GOMAXPROCS is as it was, and Go's scheduler places everyone; but
// Execs, which are threads wherever they run, always have a P each.
package pools

import (
	"cmp"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

// Crew says who does the work, and where.
type Crew struct {
	measure.Spot
	Workers int
	Bound   int // how much may wait, all in all, where a pool has a queue; 0: measure.Capacity
}

func (c Crew) bound() int { return cmp.Or(c.Bound, measure.Capacity) }

// Pool is a peer at work.
type Pool[T any] struct {
	// Sender returns what one producer sends with: it waits while there is no room, and returns when the work is
	// accepted.
	Sender func() func(T) error
	// Stop ends the workers and waits for them. It is called when all is done.
	Stop func() error
}

// Opener starts a pool whose workers call handle, with their index, or with Anyone where a pool does not tell its
// workers apart.
type Opener[T any] func(c Crew, handle func(worker int, v T)) (Pool[T], error)

// TaskOpener starts a pool that runs functions.
type TaskOpener func(c Crew) (Pool[func()], error)

// Bounds says, for people, what the pools hold that do not hold what they are asked to.
const Bounds = "ants and errgroup have no queue, go has no bound"

// Anyone is the index of a worker that does not know it.
const Anyone = -1

// shared is a pool in which all producers send with the same function.
func shared[T any](send func(T) error, stop func() error) Pool[T] {
	return Pool[T]{Sender: func() func(T) error { return send }, Stop: stop}
}

// Closures gives a pool of functions a closure for each value: there is no other way.
func Closures[T any](open TaskOpener) Opener[T] {
	return func(c Crew, handle func(int, T)) (Pool[T], error) {
		p, err := open(c)
		if err != nil {
			return Pool[T]{}, err
		}
		return Pool[T]{Stop: p.Stop, Sender: func() func(T) error {
			send := p.Sender()
			return func(v T) error { return send(func() { handle(Anyone, v) }) }
		}}, nil
	}
}

// peer is one line of the list.
type peer[V any] struct {
	name, variant string
	open          V
}

// Values measures each pool by values that it carries: run makes a measurement of an opener.
func Values[T any](run func(Opener[T]) func(measure.Spot, int) (measure.Sample, error)) []measure.Impl {
	return impls([]peer[Opener[T]]{
		{"channel", "", Shared[T]},
		{"channel", "each", RoundRobin[T]},
		{"ants", "", Closures[T](Ants)},
		{"ants", "func", AntsFunc[T]},
		{"ants", "multi", Closures[T](AntsMulti)},
		{"pond", "", Closures[T](Pond)},
		{"errgroup", "", Closures[T](ErrGroup)},
		{"go", "", Closures[T](Go)},
	}, run)
}

// Channels are the first two of these.
func Channels[T any](run func(Opener[T]) func(measure.Spot, int) (measure.Sample, error)) []measure.Impl {
	return impls([]peer[Opener[T]]{{"channel", "", Shared[T]}, {"channel", "each", RoundRobin[T]}}, run)
}

// Tasks measures the named pools by functions.
func Tasks(run func(TaskOpener) func(measure.Spot, int) (measure.Sample, error), names ...string) []measure.Impl {
	openers := map[string]TaskOpener{"channel": SharedTasks, "ants": Ants, "pond": Pond, "errgroup": ErrGroup, "go": Go}
	var peers []peer[TaskOpener]
	for _, name := range names {
		open, ok := openers[name]
		if !ok {
			panic("pools: there is no pool called " + name)
		}
		peers = append(peers, peer[TaskOpener]{name: name, open: open})
	}
	return impls(peers, run)
}

// impls lists each peer pinned and unpinned.
func impls[V any](peers []peer[V], run func(V) func(measure.Spot, int) (measure.Sample, error)) (all []measure.Impl) {
	for _, p := range peers {
		for _, im := range measure.Each(p.name, run(p.open)) {
			switch {
			case im.Variant == "":
				im.Variant = p.variant
			case p.variant != "":
				im.Variant = p.variant + "-" + im.Variant
			}
			all = append(all, im)
		}
	}
	return all
}

// Procs is measure.Room for n, and one more: for who starts them, and ends them.
func Procs(threads bool, n int) (back func()) { return measure.Room(threads, n+1) }

// CPUOf returns the index in Spot.CPUs of a worker's cpu.
func CPUOf(worker int) int { return (worker + 1) % 2 }
