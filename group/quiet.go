package group

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/internal/backoff"
)

// census finds out when nothing is left to do in a group.
//
// Work moves between workers, so looking at them one after the other is not enough.
// Each round asks every worker, on its own loop, whether it is idle and how much it
// has done so far. If two rounds in a row find all idle, and nobody has done anything
// in between, nothing was on its way either: it would have been received, and shown
// as done (F. Mattern, "Algorithms for distributed termination detection", 1987).
//
// A worker that has ended before its time is left out: what was on its way to it stays
// undone. A round counts only beside one with the same workers, because the work that one
// has done, and perhaps passed on, is not seen any more when it has ended.
type census struct {
	round atomic.Uint64 // the round that is asked for; 0: none yet
}

// answer is one worker's part of a census. The worker writes idle and done, then
// round.
type answer struct {
	round atomic.Uint64
	idle  atomic.Bool
	done  atomic.Uint64
}

// awaitQuiet returns true when nothing is left to do for those workers that have not
// ended, and false when ctx ends first.
func (g *Group[T]) awaitQuiet(ctx context.Context) bool {
	var b backoff.Backoff
	var last tally
	for {
		now, ok := g.askAll(ctx)
		if !ok {
			return false
		}
		if now.idle && now == last || now.asked == 0 {
			return true
		}
		last = now
		if b.Wait(ctx) != nil {
			return false
		}
	}
}

// tally is the result of a round.
type tally struct {
	asked int    // workers that had not ended
	idle  bool   // all of them
	done  uint64 // by all of them
}

// askAll runs one round. ok is false when ctx ended first.
func (g *Group[T]) askAll(ctx context.Context) (t tally, ok bool) {
	round := g.census.round.Add(1)
	for _, w := range g.workers {
		w.x.Wake()
	}
	t.idle = true
	for _, w := range g.workers {
		var b backoff.Backoff
		ended := false
		for !ended && w.answer.round.Load() < round {
			if ended = w.x.Ended(); !ended && b.Wait(ctx) != nil {
				return t, false
			}
		}
		if ended {
			g.writeOff(w)
			continue
		}
		t.asked++
		t.done += w.answer.done.Load()
		t.idle = t.idle && w.answer.idle.Load()
	}
	return t, true
}

// writeOff gives back, once, the credits of what a worker that has ended will never
// consume: without them the others could not take NEW items.
func (g *Group[T]) writeOff(w *worker[T]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if w.writtenOff {
		return
	}
	w.writtenOff = true
	g.reap()
	g.credits.give(w.fwd.Len() - w.debt)
}

// Poll makes the worker a Source of its own Exec, polled after the inboxes in each turn: to tell balancers what waits here, if
// they want to know, and to answer the census, which is one load per turn otherwise.
func (w *worker[T]) Poll(l *exec.Local, _ int) int {
	if w.g.bal.reads&balance.ReadsDepth != 0 {
		w.say(l)
	}
	round := w.g.census.round.Load()
	if round == w.answered {
		return 0
	}
	w.answered = round
	s := l.Stats()
	done, pending := s.Items+s.ItemsFailed+s.Expired+s.Tasks+s.Resumes, 0
	if f := w.own; f != nil {
		done += f.sends
		pending = f.pending()
	}
	w.answer.done.Store(done)
	w.answer.idle.Store(pending == 0 && s.Coroutines == 0 && s.Blocking == 0 && l.Queued() == 0 && w.fwd.Len() == 0 && w.fresh.Len() == 0)
	w.answer.round.Store(round)
	return 0
}

// say publishes what waits here. A turn that changes nothing writes nothing.
func (w *worker[T]) say(l *exec.Local) {
	if n := uint64(w.fwd.Len() + w.fresh.Len() + l.Queued()); n != w.said {
		w.said = n
		w.waiting.StoreRelease(n)
	}
}

// Next implements exec.Source: Poll need not be called before Wake is.
func (w *worker[T]) Next() (deadline time.Duration, ok bool) { return 0, false }

// pending returns how many items were sent and are not visible yet.
func (f *Forwarder[T]) pending() int {
	n := len(f.outbox)
	for _, k := range f.staged {
		n += k
	}
	return n
}
