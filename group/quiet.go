package group

import (
	"context"
	"slices"
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

// answer is one worker's part of a census. The worker writes the rest, then round.
type answer struct {
	round atomic.Uint64
	idle  atomic.Bool   // it has nothing at all to do
	still atomic.Bool   // it has no items
	done  atomic.Uint64 // by it, so far
	moved atomic.Uint64 // items that it has consumed or sent
}

// awaitQuiet returns true when nothing is left to do for those workers that have not
// ended, and false when ctx ends first.
func (g *Group[T]) awaitQuiet(ctx context.Context) bool {
	return g.await(ctx, nil, tally.quiet)
}

// awaitStill is the same for items only, also those that handlers have forwarded: coroutines, timers and local tasks do
// not count. The worker but, if not nil, is not asked.
func (g *Group[T]) awaitStill(ctx context.Context, but *worker[T]) bool {
	return g.await(ctx, but, tally.silent)
}

// await runs rounds until two in a row say yes, with the same amount done.
func (g *Group[T]) await(ctx context.Context, but *worker[T], so func(t tally) (yes bool, done uint64)) bool {
	var b backoff.Backoff
	var last tally
	for first := true; ; first = false {
		workers := slices.DeleteFunc(g.members(), func(w *worker[T]) bool { return w == but })
		now, ok := g.askAll(ctx, workers)
		if !ok {
			return false
		}
		was, before := so(last)
		is, done := so(now)
		if now.asked == 0 || !first && was && is && before == done && last.asked == now.asked {
			return true
		}
		last = now
		if b.Wait(ctx) != nil {
			return false
		}
	}
}

// awaitIdle returns true when w has nothing to do, and false when ctx ends first.
func (g *Group[T]) awaitIdle(ctx context.Context, w *worker[T]) bool {
	var b backoff.Backoff
	for {
		t, ok := g.askAll(ctx, []*worker[T]{w})
		if !ok {
			return false
		}
		if t.idle {
			return true
		}
		if b.Wait(ctx) != nil {
			return false
		}
	}
}

// tally is the result of a round.
type tally struct {
	asked       int  // workers that had not ended
	idle, still bool // all of them
	done, moved uint64
}

func (t tally) quiet() (yes bool, done uint64)  { return t.idle, t.done }
func (t tally) silent() (yes bool, done uint64) { return t.still, t.moved }

// askAll runs one round. ok is false when ctx ended first.
func (g *Group[T]) askAll(ctx context.Context, workers []*worker[T]) (t tally, ok bool) {
	round := g.census.round.Add(1)
	for _, w := range workers {
		w.x.Wake()
	}
	t.idle, t.still = true, true
	for _, w := range workers {
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
		t.moved += w.answer.moved.Load()
		t.idle = t.idle && w.answer.idle.Load()
		t.still = t.still && w.answer.still.Load()
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
	w.credited = w.fwd.Len() - w.debt
	g.credits.give(w.credited)
}

// String is the name under which it appears among the sources of its Exec.
func (w *worker[T]) String() string { return "census" }

// Poll makes the worker a Source of its own Exec, polled after the inboxes in each turn: to tell balancers what waits
// here, if they want to know, and to answer the census, which is one load per turn otherwise.
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
	done := s.Items + s.ItemsFailed + s.Expired + s.Tasks + s.Resumes
	pending, unsent, kept, sends := 0, 0, 0, uint64(0)
	if f := w.own; f != nil {
		sends = f.sends
		pending, kept = f.pending(), len(f.backlog)+len(f.orphans)
		if unsent = len(f.backlog); f.route.roster.phase == cut {
			unsent = 0 // it has to wait for what comes after
		}
	}
	empty := w.fwd.Len() == 0 && w.fresh.Len() == 0
	w.answer.done.Store(done + sends)
	w.answer.moved.Store(w.gone + s.Expired + sends)
	w.answer.idle.Store(pending == 0 && empty && kept == 0 && s.Coroutines == 0 && s.Blocking == 0 && l.Queued() == 0)
	w.answer.still.Store(pending == 0 && empty && unsent == 0)
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

// pending returns how many items were sent and are not visible yet, but for the backlog.
func (f *Forwarder[T]) pending() int {
	n := len(f.outbox)
	for i := range f.out {
		n += f.out[i].staged
	}
	return n
}
