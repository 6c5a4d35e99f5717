package exec

import "time"

// The loop's side of InboxConfig.MaxWait.

// deliverAged is deliver for the shared ring of an inbox with a MaxWait.
func (in *Inbox[T]) deliverAged(l *Local, budget int) int {
	batch, times := in.aged.lend(budget)
	in.note(l, in.waits, in.aged, len(batch), budget)
	n := in.sort(l, in.aged, batch, times)
	in.aged.keep(batch, n)
	return n
}

// deliverStamped is deliver for one of its lanes.
func (in *Inbox[T]) deliverStamped(l *Local, w *waits, s *stamps[T], budget int) int {
	a, b := s.items.Peek(budget)
	at, bt := s.times.Peek(len(a) + len(b)) // split as the items are
	in.note(l, w, s.items, len(a)+len(b), budget)
	n := in.sort(l, s, a, at)
	if n == len(a) && len(b) > 0 && !in.held {
		n += in.sort(l, s, b, bt)
	}
	return n
}

// sort hands each run of items to those that it is for, OnExpired or Handle, and returns how
// many are gone. Items of senders that raced may lie in the shared ring in another order than
// that of their times, so what has expired need not be at the front.
//
// The clock is read for every run: what the code before it has taken is a part of the wait.
func (in *Inbox[T]) sort(l *Local, r released, batch []T, times []time.Duration) (n int) {
	for n < len(batch) {
		now, limit := in.aged.now(), in.cfg.MaxWait
		late, end := now-times[n] > limit, n+1
		for end < len(batch) && now-times[end] > limit == late {
			end++
		}
		if late {
			in.expire(l, r, batch[n:end])
			n = end
			continue
		}
		n += in.handle(l, r, batch[n:end])
		if n < end {
			break // held back
		}
	}
	return n
}

// expire hands items that have waited for too long to OnExpired, and takes them out of r.
func (in *Inbox[T]) expire(l *Local, r released, batch []T) {
	l.running = running{ring: r, sheet: in.sheet, items: len(batch), late: true}
	l.reserve = true
	in.cfg.OnExpired(l, batch)
	l.running = running{}
	in.sheet.n[sExpired] += uint64(len(batch))
	in.sheet.changed = true
	r.Release(len(batch))
}
