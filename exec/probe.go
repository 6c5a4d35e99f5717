package exec

import (
	"time"

	"github.com/pushcore/pushcore/internal/mem"
)

// How long items wait is measured on one item at a time. The loop asks for it; the first sender that sees the request
// after it has sent something notes the time and where the item lies; and when the loop is about to offer that item to
// the handler, it notes how long that took. Senders pay for a load of a word that seldom changes, and the wait includes
// the wake of a loop that slept.

// Values of Inbox.ask.
const (
	askNothing uint64 = iota
	askTime           // by the loop: the next sender is to stamp what it has sent
	askTaken          // by a sender, which is about to
	askStamped        // by the same
)

// probeEvery is how far apart requests are at least: each costs every sender a line or two.
const probeEvery = 50 * time.Microsecond

// counted is a ring that says how far it is.
type counted interface {
	Sent() uint64
	Taken() uint64
}

// prober is the loop's side. The stamp is written by the sender that has taken the request.
type prober struct {
	ask   *mem.Index // the inbox's: beside what senders load anyway
	asked int64      // ticks at the last request

	_    mem.Pad
	ring counted
	pos  uint64 // Taken of ring when the item is taken
	at   int64  // ticks when it was sent
	_    mem.Pad
}

// stamp is called by a sender that has seen askTime, after it has sent something through r.
//
//go:noinline
func (p *prober) stamp(r counted) {
	if !p.ask.CompareAndSwap(askTime, askTaken) {
		return // another one was faster
	}
	p.ring, p.at, p.pos = r, mem.Ticks(), r.Sent()
	p.ask.StoreRelease(askStamped)
}

// offering is called when the items of r up to the one before end are about to be offered, while a request is out.
//
//go:noinline
func (s *sheet) offering(l *Local, r counted, end uint64) {
	p := &s.probe
	if p.ask.Load() != askStamped || p.ring != r || int64(end-p.pos) < 0 {
		return
	}
	if int64(r.Taken()-p.pos) >= 0 {
		s.answered(l, 0) // it was gone before its sender had noted the time
		return
	}
	s.answered(l, mem.Ticks()-p.at)
}

func (s *sheet) answered(l *Local, ticks int64) {
	p := &s.probe
	s.delay.note(l.pace.duration(ticks), 1)
	p.ring = nil
	s.asking, s.changed = false, true
	p.ask.StoreRelease(askNothing)
}

// tend sends the next request when it is time, and gets back one that nobody will answer.
func (s *sheet) tend(l *Local) {
	p := &s.probe
	switch {
	case !s.asking:
		if (p.asked == 0 || l.lastTicks-p.asked >= l.pace.probe) && l.observed {
			s.asking, p.asked = true, l.lastTicks
			p.ask.StoreRelease(askTime)
		}
	case p.ask.Load() == askStamped && int64(p.ring.Taken()-p.pos) >= 0:
		s.answered(l, 0)
	}
}
