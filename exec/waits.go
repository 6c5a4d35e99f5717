package exec

import (
	"math"
	"math/rand/v2"

	"github.com/pushcore/pushcore/internal/mem"
	"github.com/pushcore/pushcore/ring"
)

// waits measures how long the items of one ring wait. Whoever sends item number next stamps it: notes the time beside
// the ring. When the loop is about to offer that item to the handler, it notes how long that took. A sender pays for two
// loads and a comparison, and the wait includes the wake of a loop that slept.
type waits struct {
	_ mem.Pad

	// next is the item that is stamped next, counted from 1; noStamp while a sender is about to stamp, and for ever if
	// nobody is to. Whoever replaces a number by noStamp has the fields below it to himself until he puts another one there.
	next    mem.Index
	sampler sampler
	lost    uint64 // items that stamps would have stood for that found no room
	stamps  *ring.SPSC[stamp]
	every   int64 // sampleEvery in ticks

	_    mem.Pad
	last int64 // the loop's: ticks that the last item has waited
	_    mem.Pad
}

// stamp says when an item was sent.
type stamp struct {
	item   uint64 // its number
	at     int64  // ticks
	weight uint64 // how many items it stands for
	lost   uint64 // how many before it nobody stands for
}

const (
	noStamp   = math.MaxUint64
	maxStamps = 32 // that may be under way in one ring
	maxAtOnce = 4  // of items that were sent at once
)

// init must run before the ring is used.
func (w *waits) init(x *Exec) {
	if x.cfg.NoStats {
		w.next.StoreRelease(noStamp)
		return
	}
	w.stamps, w.every = ring.NewSPSC[stamp](maxStamps), ticksOf(sampleEvery)
	w.sampler.block(0)
	w.next.StoreRelease(w.sampler.next)
}

// due reports whether an item is to be stamped when so many were sent.
func (w *waits) due(sent uint64) bool { return sent >= w.next.Load() }

// stamp is called by a sender that has found it due.
//
//go:noinline
func (w *waits) stamp(sent uint64) {
	item := w.next.Load()
	if sent < item || !w.next.CompareAndSwap(item, noStamp) {
		return // another one was faster
	}
	now, s := mem.Ticks(), &w.sampler
	for n := 0; s.next <= sent; n++ {
		if begin := s.end - s.stride + 1; n == maxAtOnce { // one for all that are left of those that were sent at once
			many := sent - begin + 1
			w.put(stamp{item: begin + rand.Uint64N(many), at: now, weight: many})
			s.block(sent)
			break
		}
		w.put(stamp{item: s.next, at: now, weight: s.stride})
		if n == 0 {
			s.pace(now, w.every)
		}
		s.block(s.end)
	}
	w.next.StoreRelease(s.next)
}

func (w *waits) put(s stamp) {
	s.lost = w.lost
	if w.stamps.Push(s) {
		w.lost = 0
	} else {
		w.lost += s.weight
	}
}

// offering is called when items of a ring are about to be offered: those after taken, up to end. It is for a ring of
// which something is stamped.
//
//go:noinline
func (s *sheet) offering(l *Local, w *waits, taken, end uint64) {
	now := int64(0)
	for {
		a, _ := w.stamps.Peek(1)
		if len(a) == 0 || int64(end-a[0].item) < 0 {
			return
		}
		t := a[0]
		w.stamps.Release(1)
		wait := int64(0) // it was gone before its sender had noted the time
		if int64(taken-t.item) < 0 {
			if now == 0 {
				now = mem.Ticks()
			}
			wait = max(now-t.at, 0)
		}
		s.delay.between(l.pace.duration(w.last), l.pace.duration(wait), t.lost)
		s.delay.note(l.pace.duration(wait), t.weight)
		w.last, s.changed = wait, true
	}
}
