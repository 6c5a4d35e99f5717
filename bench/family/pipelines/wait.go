package pipelines

import (
	"runtime"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/internal/mem"
)

// waiter is how a thread waits for its neighbours: as everyone here does, by measure.Poll, as long as it has a cpu for
// itself. One that shares its cpu gives way after some looks in vain: what it waits for may be done there.
type waiter struct {
	poll  measure.Poll
	yield func() // nil: it shares with nobody
	empty int    // looks in vain
	since int64  // ticks at the first time that it gave way
}

// patience is how many looks in vain come before a thread gives way.
const patience = 8

// tooLong is how long a thread waits until something must have been lost.
const tooLong = 30 * time.Second

// took notes that a look has brought n of full.
func (w *waiter) took(n, full int) {
	if n > 0 {
		w.empty = 0
	} else if w.empty++; w.empty > patience && w.yield != nil {
		w.giveWay()
		return
	}
	w.poll.Took(n, full)
}

func (w *waiter) giveWay() {
	now := mem.Ticks()
	if w.empty == patience+1 {
		w.since = now
	}
	if mem.TicksDuration(now-w.since) > tooLong {
		panic("bench: an event was lost: the next stage has been waiting for it for half a minute")
	}
	w.yield()
}

// waiter returns that of a thread of the shape.
func (sh shape) waiter(s measure.Spot, thread int) waiter {
	switch {
	case s.Pinned && sh.shares(thread):
		return waiter{yield: yieldCPU}
	case !s.Pinned && sh.threads() > runtime.GOMAXPROCS(0):
		return waiter{yield: runtime.Gosched}
	}
	return waiter{}
}

// procs sees to it that each of the shape's threads that are pinned can run whenever its cpu is free: a thread that
// waits in the kernel for a turn on its cpu keeps what GOMAXPROCS counts. restore undoes it.
func (sh shape) procs(s measure.Spot) (restore func()) {
	before := runtime.GOMAXPROCS(0)
	if !s.Pinned || sh.threads() <= before {
		return func() {}
	}
	runtime.GOMAXPROCS(sh.threads())
	return func() { runtime.GOMAXPROCS(before) }
}
