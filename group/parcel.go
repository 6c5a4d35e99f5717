package group

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
)

// Parcel is the state of a key, on its way from one worker to another.
type Parcel struct {
	Key   uint64
	State any
}

// StrandedError says that states of keys have left one worker and could not be given to another. They are in it.
type StrandedError struct {
	Parcels []Parcel
	Err     error // why
}

// Error implements error.
func (e *StrandedError) Error() string {
	return fmt.Sprintf("the states of %d keys found no new owner: %v", len(e.Parcels), e.Err)
}

// Unwrap returns what has gone wrong.
func (e *StrandedError) Unwrap() error { return e.Err }

// stranded returns err with ps in it, if there are any.
func (g *Group[T]) stranded(ps []Parcel, err error) error {
	if len(ps) == 0 {
		return err
	}
	return &StrandedError{Parcels: ps, Err: err}
}

// checkHooks refuses Release and Adopt where they could not mean anything.
func (c Config[T]) checkHooks(p promises) error {
	if !c.hooked() {
		return nil
	}
	switch {
	case c.Release == nil || c.Adopt == nil:
		return errors.New("group: Config.Release and Config.Adopt belong together, and one of them is nil")
	case c.Key == nil:
		return errors.New("group: Config.Release is set, but Config.Key is nil: states are moved by their keys")
	}
	byKey := p.ordered && !p.shares && p.reads&balance.ReadsDepth == 0
	if byKey {
		var err error
		if byKey, err = c.picksByKey(); err != nil {
			return err
		}
	}
	if !byKey {
		return errors.New("group: Config.Release is set, but the balancer does not pick by the key and the membership alone: use one that does (balance.KeyHash, or balance.RSS with a table)")
	}
	return nil
}

func (c Config[T]) hooked() bool { return c.Release != nil || c.Adopt != nil }

// picksByKey asks two balancers for the same keys in opposite order, and reports whether they agree. A balancer that
// goes by what it has sent before does not.
func (c Config[T]) picksByKey() (bool, error) {
	const keys = 1 << 14 // enough for some to share a bucket, of as many as there may be
	picks := [2][]int{make([]int, keys), make([]int, keys)}
	for turn := range picks {
		v := newRoster(make([]*worker[T], c.MaxWorkers), c.MaxWorkers).view()
		b, err := c.Balance(v)
		if err != nil {
			return false, fmt.Errorf("group: Config.Balance: %w", err)
		}
		for i := range keys {
			if turn == 1 {
				i = keys - 1 - i
			}
			to := b.Pick(balance.Mix(uint64(i)), v)
			if picks[turn][i] = to; v.IsOpen(to) {
				v.Sent[to]++ // and nothing of it is taken
			}
		}
	}
	return slices.Equal(picks[0], picks[1]), nil
}

// owner returns who has a key by ro. It belongs to one goroutine at a time, and panics if the balancer does.
func (g *Group[T]) owner(ro *roster[T]) (func(key uint64) int, error) {
	view := ro.view()
	bal, err := g.cfg.Balance(view)
	if err != nil {
		return nil, fmt.Errorf("balancer: %w", err)
	}
	return func(key uint64) int { return bal.Pick(key, view) }, nil
}

// addressed is parcels by the id of who is to have them.
type addressed map[int][]Parcel

// add addresses ps. Where the balancer panics nobody is to have them: deliver returns them.
func (to addressed) add(owner func(key uint64) int, ps []Parcel) {
	for _, p := range ps {
		id := guarded(-1, func() int { return owner(p.Key) })
		to[id] = append(to[id], p)
	}
}

// guarded returns what f returns, or, if it panics, instead. It is for code of the user's that is called while a change
// has taken things from one worker and not given them to another: the change must be completed.
func guarded[R any](instead R, f func() R) (r R) {
	defer func() {
		if recover() != nil {
			r = instead
		}
	}()
	return f()
}

// collect has the workers release the keys that are not theirs by c.next. If one of them fails, the others get back
// what they have released.
func (g *Group[T]) collect(c *crossing[T]) (to addressed, err error) {
	if g.cfg.Release == nil {
		return nil, nil
	}
	owner, err := g.owner(c.next)
	if err != nil {
		return nil, err
	}
	to, from := addressed{}, addressed{}
	to.add(owner, c.parcels)
	for id, w := range c.now.workers {
		if w == nil || w.x.Ended() {
			continue
		}
		ps, err := g.release(c.ctx, w, func(key uint64) bool {
			return c.next.workers[id] != w || owner(key) != id
		}, nil)
		if err != nil {
			return nil, errors.Join(err, g.deliver(c.now, from))
		}
		from[id] = ps
		to.add(owner, ps)
	}
	return to, nil
}

// release runs Config.Release on w's loop and, if that does not fail, the func then, which may be nil. If it returns an
// error, no state has left w.
func (g *Group[T]) release(ctx context.Context, w *worker[T], leaves func(key uint64) bool, then func()) (ps []Parcel, err error) {
	err = g.do(ctx, w, func(l *exec.Local) error {
		ps = g.cfg.Release(l, w.id, leaves)
		if then != nil {
			then()
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("Config.Release on worker %d: %w", w.id, err)
	}
	return ps, nil
}

// deliver gives parcels to the workers of ro. What it could not give it returns in the error.
func (g *Group[T]) deliver(ro *roster[T], to addressed) error {
	var left []Parcel
	var why error
	moved := 0
	for id, ps := range to {
		if len(ps) == 0 {
			continue
		}
		w := ro.worker(id)
		err := error(ErrWorker)
		if w != nil {
			err = g.do(context.Background(), w, func(l *exec.Local) error { return g.cfg.Adopt(l, id, ps) })
		}
		if err == nil {
			moved += len(ps)
			continue
		}
		why = errors.Join(why, fmt.Errorf("Config.Adopt on worker %d: %w", id, err))
		left = append(left, ps...)
	}
	g.note(func(n *Changes) { n.Moved += uint64(moved) })
	return g.stranded(left, why)
}
