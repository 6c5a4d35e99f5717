package exec

import (
	"iter"

	"github.com/pushcore/pushcore/internal/gid"
)

// strand is a goroutine that the loop can run on: the one that it was begun on, its
// base, and one for each coroutine under way. One of them holds the loop. All others
// sleep until it is handed to them, so nothing on an Exec runs at the same time as
// anything else.
//
// On a thread, strands sleep in slots. In Step they sleep on channels: any goroutine may
// call Step, and the runtime ends the program if a slot is entered from another thread
// than the one that made it, or with another number of LockOSThreads.
type strand struct {
	id   uintptr       // gid.Current of the goroutine
	c    *carrier      // whose strand it is; nil: the base
	wake chan struct{} // Step only
	slot *slot         // where it sleeps

	//lint:ignore U1000 checked builds have something in it
	number
}

// identify makes the calling goroutine s.
func (s *strand) identify() {
	s.id = gid.Current()
	s.number.set()
}

// slot is where one goroutine sleeps. There is one for each goroutine of iter.Pull, and
// next and yield of that are the same thing seen from two sides: whoever calls one
// wakes the sleeper and takes its place. Nothing ties a goroutine to the slot that was
// made for it, so any strand can hand the loop to any other in one switch, by going to
// sleep where that one slept.
//
// When a goroutine ends, it wakes the sleeper of its own slot, whoever that is by then
// (see switchTo).
type slot struct {
	next   func() (struct{}, bool)
	yield  func(struct{}) bool
	inside bool // the next call must be of yield
}

// newSlot makes a slot in which a new goroutine waits, to run f when it is woken.
func newSlot(f func()) *slot {
	s := &slot{}
	s.next, _ = iter.Pull(func(yield func(struct{}) bool) {
		s.yield = yield
		f()
	})
	return s
}

// switchTo hands the loop to another strand and returns when it has come back.
//
// It is one function on purpose. A switch leaves the processor's stack of return
// addresses one off, so every function that was entered before it is a branch that is
// predicted wrongly afterwards.
func (l *Local) switchTo(to *strand) {
	from := l.on
	for to != from {
		l.hold(to)
		if s := to.slot; s == nil {
			to.wake <- struct{}{}
			<-from.wake
		} else {
			from.slot = s
			if s.inside = !s.inside; s.inside {
				s.next()
			} else {
				s.yield(struct{}{})
			}
		}
		to = l.on // another one if a strand has ended, and this one slept in its slot: hand on
	}
}

// hold notes who holds the loop from now on.
func (l *Local) hold(s *strand) {
	l.on = s
	l.owner.StoreRelease(uint64(s.id))
	l.numbered(s)
}
