package group

import (
	"fmt"
	"sync/atomic"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
)

// Sharded is state that is split over the workers of a group: one S each, which only that
// worker touches, so it needs no lock. [InvokeOn] and its like bring code to it.
type Sharded[S any] struct {
	name   string
	execs  []*exec.Exec
	states []*S // written by each worker before its first turn
	closed *atomic.Bool
}

// NewSharded adds state to a group that has not been started. create makes the state of
// worker id, on its pinned thread, before Config.Worker is called there; its error ends the
// start of the group. It panics if create is nil.
func NewSharded[S, T any](g *Group[T], create func(l *exec.Local, id int) (S, error)) (*Sharded[S], error) {
	if create == nil {
		panic(fmt.Sprintf("group: %s: NewSharded with a nil function: there would be no state", g.cfg.Name))
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.started {
		return nil, fmt.Errorf("group: %s: state can be added before Start: %w", g.cfg.Name, ErrStarted)
	}
	s := &Sharded[S]{name: g.cfg.Name, states: make([]*S, len(g.live)), closed: &g.closed}
	g.sharded = true
	for id, w := range g.live {
		s.execs = append(s.execs, w.x)
		w.setUp = append(w.setUp, func(l *exec.Local) error {
			state, err := create(l, id)
			s.states[id] = &state
			return err
		})
	}
	return s, nil
}

// Shards returns how many there are: the number of workers.
func (s *Sharded[S]) Shards() int { return len(s.execs) }

// ShardOf returns the worker whose shard has key: the one to which balance.KeyHash sends
// the items of that key, as long as all workers are open.
func (s *Sharded[S]) ShardOf(key uint64) int { return balance.Slot(key, len(s.execs)) }

// Here returns the shard of the worker whose loop l is. It panics on any other loop, and
// before the shard was made: in exec.Config.OnStart, or in the create of what was added
// before.
func (s *Sharded[S]) Here(l *exec.Local) *S {
	for i, x := range s.execs {
		if x == l.Exec() {
			if s.states[i] == nil {
				panic(fmt.Sprintf("group: %s: worker %d asked for its shard before it was made: shards are made after OnStart, in the order of NewSharded", s.name, i))
			}
			return s.states[i]
		}
	}
	panic(fmt.Sprintf("group: Exec %q asked for its shard of group %q, of which it is no worker", l.Exec().Name(), s.name))
}

// check refuses a number that no shard has.
func (s *Sharded[S]) check(i int) error {
	if i < 0 || i >= len(s.execs) {
		return fmt.Errorf("group: %s: shard %d does not exist: it must be from 0 to %d", s.name, i, len(s.execs)-1)
	}
	return nil
}
