package exec

import (
	"context"
	"fmt"

	"github.com/pushcore/pushcore/internal/backoff"
	"github.com/pushcore/pushcore/internal/mem"
)

// poll offers the handler up to budget items and returns how many it consumed.
func (in *Inbox[T]) poll(l *Local, budget int) (n int) {
	in.held, in.sheet.seen = false, 0
	lanesFirst := in.lanesFirst
	in.lanesFirst = false
	if lanesFirst {
		n = in.lanes.poll(l, in, budget)
	}
	if n < budget && (in.aged == nil && in.shared.Ready() || in.aged != nil && in.aged.Ready()) { // sharedReady, inlined
		in.lanesFirst = !lanesFirst // also after a panic
		if in.aged == nil {
			a, b := in.shared.Peek(budget - n)
			in.note(l, in.waits, in.shared, len(a)+len(b), budget-n)
			n += in.deliver(l, in.shared, a, b)
		} else {
			n += in.deliverAged(l, budget-n)
		}
		in.lanesFirst = !lanesFirst && n >= budget
	}
	if !lanesFirst {
		n += in.lanes.poll(l, in, budget-n)
	}
	s := in.sheet
	if in.held {
		l.held = true
		s.n[sHeld]++
		s.changed = true
	}
	s.n[sMaxDepth] = max(s.n[sMaxDepth], uint64(s.seen))
	return n
}

// deliver hands a batch, which may be in two parts, to the handler, and takes
// what it consumed out of the ring r.
func (in *Inbox[T]) deliver(l *Local, r released, a, b []T) int {
	n := in.handle(l, r, a)
	if n == len(a) && len(b) > 0 && !in.held {
		n += in.handle(l, r, b)
	}
	return n
}

func (in *Inbox[T]) handle(l *Local, r released, batch []T) int {
	if in.cfg.Admit != nil {
		k := in.cfg.Admit(l, len(batch))
		if k < 0 || k > len(batch) {
			panic(fmt.Sprintf("exec: Admit of inbox %s returned %d for %d items", in.cfg.Name, k, len(batch)))
		}
		in.held = in.held || k < len(batch)
		batch = batch[:k]
	}
	if len(batch) == 0 {
		return 0
	}
	s := in.sheet
	l.running = running{ring: r, sheet: s, items: len(batch), settle: in.cfg.Settle}
	l.reserve = true
	began := int64(0)
	if s.n[sBatches]+1 >= s.timed.next {
		began = mem.Ticks()
	}
	n := 0
	if l.tracing {
		n = in.handleTraced(l, batch)
	} else {
		n = in.cfg.Handle(l, batch)
	}
	if n < 0 || n > len(batch) {
		panic(fmt.Sprintf("exec: the handler of inbox %s returned %d for a batch of %d: it must return how many it consumed", in.cfg.Name, n, len(batch)))
	}
	if !l.running.single {
		l.n[cItems] += uint64(n)
	}
	l.running = running{}
	in.held = in.held || n < len(batch)
	if n > 0 {
		r.Release(n)
		s.batch(n)
		if began != 0 {
			s.took(l, began)
		}
	}
	if in.cfg.Settle != nil {
		in.cfg.Settle(l, len(batch), n)
	}
	return n
}

// handleTraced is a function of its own, so that what the region refers to need not be in memory when there is none.
//
//go:noinline
func (in *Inbox[T]) handleTraced(l *Local, batch []T) int {
	return l.inRegion(in.cfg.Name, func() int { return in.cfg.Handle(l, batch) })
}

func (in *Inbox[T]) ready() bool {
	return !in.held && (in.sharedReady() || in.lanes.ready())
}

func (in *Inbox[T]) empty() bool { return in.waiting() == 0 }

func (in *Inbox[T]) waiting() int { return in.SharedLen() + in.lanes.waiting() }

func (in *Inbox[T]) closeRings() {
	if in.aged != nil {
		in.aged.Close()
	} else {
		in.shared.Close()
	}
	in.lanes.close()
}

// taker is a ring that says how far its consumer is.
type taker interface{ Taken() uint64 }

// note is called before n items of a ring, of budget at most, are offered to the handler: it notes what waits, and for how
// long it has.
func (in *Inbox[T]) note(l *Local, w *waits, r taker, n, budget int) {
	if n < budget {
		in.sheet.seen += n
	} else { // there may be more, here and in rings that are not looked at in this poll
		in.sheet.seen = max(in.sheet.seen, in.waiting())
	}
	if w.stamps != nil && w.stamps.Ready() {
		taken := r.Taken()
		in.sheet.offering(l, w, taken, taken+uint64(n))
	}
}

// sharedSent returns how many items have come through the shared ring.
func (in *Inbox[T]) sharedSent() uint64 {
	if in.aged != nil {
		return in.aged.Sent()
	}
	return in.shared.Sent()
}

func (in *Inbox[T]) sharedReady() bool {
	if in.aged != nil {
		return in.aged.Ready()
	}
	return in.shared.Ready()
}

func (in *Inbox[T]) sharedClosed() bool {
	if in.aged != nil {
		return in.aged.Closed()
	}
	return in.shared.Closed()
}

func (in *Inbox[T]) sharedPop() (v T, ok bool) {
	if in.aged != nil {
		s, ok := in.aged.Pop()
		return s.v, ok
	}
	return in.shared.Pop()
}

// takeAll empties the rings of a loop that has ended. A claim that its producer
// has not published yet was accepted; it is waited for.
func (in *Inbox[T]) takeAll() (vs []T) {
	var wait backoff.Backoff
	for in.SharedLen() > 0 {
		if v, ok := in.sharedPop(); ok {
			vs = append(vs, v)
			wait.Reset()
		} else {
			_ = wait.Wait(context.Background())
		}
	}
	return in.lanes.takeAll(vs)
}

func (in *Inbox[T]) published() bool { return in.sharedReady() && !in.deaf.Load() }
