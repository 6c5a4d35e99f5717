package exec

import (
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/internal/mem"
)

// The park handshake. A sender must not miss that the Exec went to sleep, and the
// Exec must not miss what was sent:
//
//	sender                             Exec
//	publish the item                   word = parked
//	(Fence, where NeedFence)           Membarrier
//	load word: parked ->               look at every source once more:
//	  CAS word to awake,                 something there -> word = awake, go on
//	  and only the winner wakes        sleep while word is parked
//
// Each side stores first and loads second, with a fence in between (the sender's
// is lent to it by Membarrier); so at least one sees the other. Between the last
// flush of staged sends and the sleep the Exec runs no user code. The sleep
// compares and sleeps in one step, on a futex, or compares first and then waits on a
// channel in which a wake stays. docs/models/park.pml checks the first of both.
//
// Membarrier interrupts every core that runs this process, which is worth it while many
// items are sent per park. Where parks come thick the Exec asks its senders to fence: it
// sets need, and senders that see it fence between publishing and loading word. One more
// Membarrier, and all have seen it, or have published before; from then on a park needs
// none. To go back it uses Membarrier again before it clears need.
//
// Behind a claim that its producer has not published yet nothing can be taken, so
// a sender whose inbox shows nothing to take does not wake; the producer of the
// claim will (wakeIfParkedFor). A sender that is held up between its look and its
// compare-and-swap may end a later park in vain, so a sleep may end for no reason;
// there is never more than one wake per park.

const (
	awake  uint32 = 0
	parked uint32 = 1
)

// parker is how one Exec sleeps. Senders load word after every publication: it
// has a line of its own, which changes only around a park.
type parker struct {
	_    mem.Pad
	word atomic.Uint32
	need atomic.Uint32 // 1: senders are to fence
	_    mem.Pad
	sleeper

	in atomic.Pointer[Sleeper] // where to sleep in the place of sleeper, if that is not nil

	simParked func(timeout time.Duration) // in the place of the sleep; nil but in a simulation
	simWoken  func()                      // in the place of the wake
}

// isParked is asked by senders after they have published.
func (p *parker) isParked() bool {
	if p.need.Load() != 0 {
		mem.Fence()
	}
	return p.word.Load() == parked
}

// unpark ends a sleep and reports whether this call was the one that did.
func (p *parker) unpark() bool {
	if !p.word.CompareAndSwap(parked, awake) {
		return false
	}
	if p.simWoken != nil {
		p.simWoken()
		return true
	}
	if in := p.in.Load(); in != nil { // or the Exec has woken since, and got it meanwhile
		(*in).Wake()
		return true
	}
	p.wake(&p.word)
	return true
}

// wakeIfParkedFor is what a sender calls after it has published into in.
func (x *Exec) wakeIfParkedFor(in inbox) {
	if x.parker.isParked() && in.published() && x.parker.unpark() {
		x.wakes.Add(1)
	}
}

// park sleeps until something is sent, Wake is called, or timeout has passed
// (negative: no timeout). ctl is what the loop has obeyed: anything new there is a
// reason to stay awake.
func (x *Exec) park(timeout time.Duration, ctl uint32) {
	l := x.loop
	l.askForFences()
	x.parker.choose(l.ladder.crowded())
	x.parker.word.Store(parked) // a full fence on this side
	if l.fencing {
		l.n[cFencedParks]++
	} else {
		mem.Membarrier()
		l.n[cMembarriers]++
		l.fencing = l.asked
	}
	if l.somethingReady() || x.ctl.Load() != ctl {
		x.parker.word.Store(awake)
		return
	}
	l.n[cParks]++
	if l.tracing {
		l.endTrace() // which may be another one when it wakes
	}
	if x.parker.simParked != nil {
		l.publish()
		x.parker.simParked(timeout)
		return
	}
	began := mem.Ticks()
	l.n[cIdle] += uint64(began - l.lastTicks)
	l.lastTicks, l.n[cSince] = began, uint64(began)
	l.publish()
	x.board.turn.StoreRelease(0)
	if in := x.parker.in.Load(); in != nil {
		(*in).Sleep(timeout)
	} else {
		x.parker.sleep(&x.parker.word, timeout)
	}
	woke := mem.Ticks()
	x.board.woke.StoreRelease(uint64(woke))
	x.parker.word.Store(awake)
	l.n[cIdle] += uint64(woke - began)
	l.n[cSlept] += uint64(woke - began)
	l.lastTicks, l.n[cSince] = woke, 0
}

// Parks come thick when there were askParks in a row with less than askBelow done before
// each. They do not when askUntil has been done since the last.
const (
	askParks = 4
	askBelow = 256
	askUntil = 1024
)

// askForFences is called before a park.
func (l *Local) askForFences() {
	if l.sincePark < askBelow {
		l.thick++
	} else {
		l.thick = 0
	}
	l.sincePark = 0
	if l.thick >= askParks && !l.asked && mem.MembarrierIsDear() {
		l.asked = true
		l.x.parker.need.Store(1)
	}
}

// askNoMore is called when much has been done since the last park.
//
//go:noinline
func (l *Local) askNoMore() {
	l.fencing, l.asked, l.thick = false, false, 0 // first: the next park is to use Membarrier
	l.x.parker.need.Store(0)
}

// somethingReady is the second look of the handshake.
func (l *Local) somethingReady() bool {
	if l.queue.len() > 0 || l.anyReady() || l.listed() {
		return true
	}
	for _, in := range l.control {
		if in.ready() {
			return true
		}
	}
	for _, in := range l.inboxes {
		if in.ready() {
			return true
		}
	}
	return false
}

// listed reports whether Wakers or replies wait: what is on a list, and in no ring.
func (l *Local) listed() bool {
	return l.woken != nil || l.x.woken.Load() != nil || l.replied != nil || l.x.replied.Load() != nil
}

// heldRetry is how long an Exec sleeps at most while a handler holds items back
// or a flusher could not send: nobody wakes it when there is room again.
const heldRetry = 50 * time.Microsecond

// parkFor returns how long the Exec may sleep: until the next timer or source
// wants it, or for ever (negative).
func (l *Local) parkFor() time.Duration {
	timeout := l.untilNext()
	if timeout == Never {
		timeout = -1
	}
	if l.held && (timeout < 0 || timeout > heldRetry) {
		timeout = heldRetry
	}
	if (timeout < 0 || timeout > trimPause) && l.trims() {
		timeout = trimPause
	}
	return timeout
}

// Never is what Step returns when nothing is due at any time.
const Never = SpinForever

// untilNext returns the time until the next timer or source deadline, 0 if it has
// passed, or Never. After a timer was stopped it may be too short, never too long.
func (l *Local) untilNext() time.Duration {
	next, found := time.Duration(0), false
	if l.timers.n > 0 {
		next, found = l.timers.next(), true
	}
	for _, s := range l.sources {
		if d, ok := s.Next(); ok && (!found || d < next) {
			next, found = d, true
		}
	}
	if !found {
		return Never
	}
	now := l.clock()
	if next > now && next-now < 0 {
		return Never // further away than can be said
	}
	return max(next-now, 0)
}
