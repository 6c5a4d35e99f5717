package group_test

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// counters is a group whose workers count, for each key, the items that they have handled. Each count is on one worker
// at a time.
type counters struct {
	t      *testing.T
	g      *group.Group[uint64]
	fails  atomic.Int32 // id of the worker whose Release or Adopt fails, plus one
	how    string
	mu     sync.Mutex
	owners map[uint64]*exec.Exec // who has a key
	states map[*exec.Exec]map[uint64]int
}

func newCounters(t *testing.T, workers int, policy balance.Policy, full group.Full) *counters {
	c := &counters{t: t, owners: map[uint64]*exec.Exec{}, states: map[*exec.Exec]map[uint64]int{}}
	c.g = startGroup(t, group.Config[uint64]{
		Workers: workers, MaxWorkers: 6, Balance: policy, Key: func(v *uint64) uint64 { return *v }, OnFull: full,
		Exec: exec.Config{Logger: slog.New(slog.DiscardHandler)},
		Worker: func(l *exec.Local, id int) (group.Handler[uint64], error) {
			mine := map[uint64]int{}
			c.mu.Lock()
			defer c.mu.Unlock()
			c.states[l.Exec()] = mine
			return group.HandlerFunc[uint64](func(l *exec.Local, batch []uint64) int {
				c.mu.Lock()
				defer c.mu.Unlock()
				for _, key := range batch {
					if c.owners[key] == nil {
						c.owners[key] = l.Exec()
					}
					if c.owners[key] != l.Exec() {
						t.Errorf("key %d is handled by %s while its state is with %s", key, l.Exec().Name(), c.owners[key].Name())
					}
					mine[key]++
				}
				return len(batch)
			}), nil
		},
		Release: func(l *exec.Local, id int, leaves func(uint64) bool) (ps []group.Parcel) {
			c.mu.Lock()
			defer c.mu.Unlock()
			if c.how == "release" && int(c.fails.Load()) == id+1 {
				panic("planted")
			}
			for key, n := range c.states[l.Exec()] {
				if leaves(key) {
					ps = append(ps, group.Parcel{Key: key, State: n})
					delete(c.states[l.Exec()], key)
					delete(c.owners, key)
				}
			}
			return ps
		},
		Adopt: func(l *exec.Local, id int, ps []group.Parcel) error {
			c.mu.Lock()
			defer c.mu.Unlock()
			if c.how == "adopt" && int(c.fails.Load()) == id+1 {
				return errors.New("planted")
			}
			for _, p := range ps {
				if c.owners[p.Key] != nil {
					t.Errorf("key %d comes to %s and is with %s", p.Key, l.Exec().Name(), c.owners[p.Key].Name())
				}
				c.owners[p.Key] = l.Exec()
				c.states[l.Exec()][p.Key] += p.State.(int)
			}
			return nil
		},
	})
	return c
}

// count returns what was counted for a key, which must be in one place.
func (c *counters) count(key uint64) (n int) {
	places := 0
	for _, states := range c.states {
		if k, ok := states[key]; ok {
			places++
			n += k
		}
	}
	require.LessOrEqual(c.t, places, 1, "key %d", key)
	return n
}

// State moves with its keys, while workers come and go: each count is exact at the end.
func TestStateMovesWithItsKeys(t *testing.T) {
	for _, limit := range []time.Duration{20 * time.Second, 200 * time.Microsecond} {
		t.Run(limit.String(), func(t *testing.T) {
			c := newCounters(t, 3, balance.KeyHash(), group.Block(context.Background()))
			c.churn(limit, func() error { return nil })
		})
	}
}

// The buckets of an indirection table are moved where nothing is under way, with the states of their keys.
func TestStateMovesWithItsBuckets(t *testing.T) {
	table, err := balance.NewIndirection(16)
	require.NoError(t, err)
	re, err := balance.NewRebalancer(table, balance.RebalancerConfig{Threshold: 0.01})
	require.NoError(t, err)
	c := newCounters(t, 3, balance.RSS(table), group.Block(context.Background()))
	moves := 0
	c.churn(20*time.Second, func() error {
		plan, err := re.Plan(c.g.View())
		if err != nil || len(plan) == 0 {
			return err
		}
		moves += len(plan)
		return c.g.Reassign(within(20*time.Second), func() { err = re.Apply(plan) })
	})
	require.Positive(t, moves)
}

// churn sends to keys while workers come and go and reassign is called, and then asks for the counts.
func (c *counters) churn(limit time.Duration, reassign func() error) {
	const keys, senders, churnFor = 100, 3, 500 * time.Millisecond
	t := c.t
	var stop atomic.Bool
	var wg sync.WaitGroup
	var sent [keys]atomic.Int64
	for range senders {
		p := producer(t, c.g)
		wg.Go(func() {
			for i := uint64(0); !stop.Load(); i++ {
				if err := p.Send(i % keys); err != nil {
					t.Error(err)
					return
				}
				sent[i%keys].Add(1)
			}
		})
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for begin := time.Now(); time.Since(begin) < churnFor; time.Sleep(5 * time.Millisecond) {
		ids := c.g.IDs()
		id, ctx := ids[rng.IntN(len(ids))], within(limit)
		var err error
		switch rng.IntN(5) {
		case 0, 1:
			_, err = c.g.Add(ctx)
		case 2:
			for err = c.g.Remove(ctx, id); errors.Is(err, exec.ErrRunning); err = c.g.Remove(within(20*time.Second), id) {
			}
		case 3:
			for err = c.g.Replace(ctx, id); errors.Is(err, exec.ErrRunning); err = c.g.Replace(within(20*time.Second), id) {
			}
		case 4:
			err = reassign()
		}
		if err != nil && !errors.Is(err, group.ErrTooMany) && !errors.Is(err, context.DeadlineExceeded) && !isLast(err) {
			t.Error(err)
		}
	}
	stop.Store(true)
	wg.Wait()
	require.Empty(t, drain(t, c.g))
	for key := range uint64(keys) {
		require.EqualValues(t, sent[key].Load(), c.count(key), "key %d", key)
	}
	t.Logf("%+v", balanced(t, c.g).Changes)
}

// fill counts each of some keys once.
func (c *counters) fill(keys int) {
	for i := range keys {
		require.NoError(c.t, c.g.Send(context.Background(), uint64(i)))
	}
	eventually(c.t, func() bool { return c.g.Stats().Executed >= uint64(keys) })
}

func TestAHookThatFails(t *testing.T) {
	const keys = 200
	t.Run("Release: nothing changes", func(t *testing.T) {
		c := newCounters(t, 2, balance.KeyHash(), group.Fail())
		c.fill(keys)
		c.how = "release"
		c.fails.Store(2)
		_, err := c.g.Add(within(20 * time.Second))
		require.ErrorContains(t, err, "Config.Release on worker 1: it panicked: planted")
		require.Equal(t, []int{0, 1}, c.g.IDs())
		c.fails.Store(0)
		c.fill(keys)
		require.Empty(t, drain(t, c.g))
		for key := range uint64(keys) {
			require.Equal(t, 2, c.count(key))
		}
	})
	t.Run("Adopt: the states are in the error", func(t *testing.T) {
		c := newCounters(t, 2, balance.KeyHash(), group.Fail())
		c.fill(keys)
		c.how = "adopt"
		c.fails.Store(3)
		id, err := c.g.Add(within(20 * time.Second))
		require.ErrorContains(t, err, "Config.Adopt on worker 2: planted")
		require.Equal(t, 2, id, "it is there all the same")
		var stranded *group.StrandedError
		require.ErrorAs(t, err, &stranded)
		require.NotEmpty(t, stranded.Parcels)
		require.Empty(t, drain(t, c.g))
		n := len(stranded.Parcels)
		for key := range uint64(keys) {
			n += c.count(key)
		}
		require.Equal(t, keys, n)
	})
}

// What an assignment is changed to is seen by all senders at the same point, and the states follow.
func TestReassign(t *testing.T) {
	var at atomic.Int64 // the worker that has all keys
	got := make([][]int, 2)
	states := make([]int, 2)
	g := startGroup(t, group.Config[int]{
		Workers: 2, Key: func(v *int) uint64 { return 0 }, Depth: 8, OnFull: group.Block(context.Background()),
		Balance: func(*balance.View) (balance.Balancer, error) { return &assigned{at: &at, seen: at.Load()}, nil },
		Worker: func(_ *exec.Local, id int) (group.Handler[int], error) {
			return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
				got[id] = append(got[id], batch...)
				states[id] += len(batch)
				return len(batch)
			}), nil
		},
		Release: func(_ *exec.Local, id int, leaves func(uint64) bool) []group.Parcel {
			if !leaves(0) {
				return nil
			}
			n := states[id]
			states[id] = 0
			return []group.Parcel{{Key: 0, State: n}}
		},
		Adopt: func(_ *exec.Local, id int, ps []group.Parcel) error {
			for _, p := range ps {
				states[id] += p.State.(int)
			}
			return nil
		},
	})
	p := producer(t, g)
	for i := range 100 {
		require.NoError(t, p.Send(i))
	}
	require.NoError(t, g.Reassign(within(20*time.Second), func() { at.Store(1) }))
	for i := range 100 {
		require.NoError(t, p.Send(100+i))
	}
	require.PanicsWithValue(t, "planted", func() { _ = g.Reassign(within(20*time.Second), func() { panic("planted") }) })
	require.NoError(t, p.Send(200), "it goes on")
	require.Empty(t, drain(t, g))
	require.Len(t, got[0], 100)
	require.Len(t, got[1], 101)
	require.Equal(t, []int{0, 201}, states)
	s := balanced(t, g)
	require.EqualValues(t, 1, s.Changes.Reassigned)
	require.EqualValues(t, 1, s.Changes.Moved)
}

// assigned sends all keys to one worker, which Update looks up.
type assigned struct {
	at   *atomic.Int64
	seen int64
}

func (a *assigned) Pick(uint64, *balance.View) int { return int(a.seen) }
func (a *assigned) Update(*balance.View) error     { a.seen = a.at.Load(); return nil }
func (a *assigned) Ordered() bool                  { return true }
func (a *assigned) Reads() balance.Reads           { return 0 }

func TestHooksThatCouldMeanNothing(t *testing.T) {
	release := func(*exec.Local, int, func(uint64) bool) []group.Parcel { return nil }
	adopt := func(*exec.Local, int, []group.Parcel) error { return nil }
	w := func(*exec.Local, int) (group.Handler[int], error) { return nil, nil }
	key := func(*int) uint64 { return 0 }
	for want, cfg := range map[string]group.Config[int]{
		"one of them is nil":     {Worker: w, Balance: balance.KeyHash(), Key: key, Release: release},
		"Config.Key is nil":      {Worker: w, Balance: balance.KeyHash(), Release: release, Adopt: adopt},
		"does not pick by the":   {Worker: w, Balance: balance.RoundRobin(), Key: key, AllowReorder: true, Release: release, Adopt: adopt},
		"alone: use one that":    {Worker: w, Workers: 4, Balance: balance.StickyInFlight(1<<24, balance.RoundRobin()), Key: key, Release: release, Adopt: adopt},
		"(balance.KeyHash,":      {Worker: w, Workers: 4, Balance: balance.Shared(balance.KeyHash()), Key: key, Release: release, Adopt: adopt},
		"Config.MaxWorkers is 1": {Worker: w, Workers: 2, MaxWorkers: 1},
	} {
		_, err := group.New(cfg)
		require.ErrorContains(t, err, want)
	}
}

// What a worker sends of its own accord while states move goes where they have gone.
func TestSendsInTheMiddleOfAChangeComeAfterIt(t *testing.T) {
	key := uint64(0)
	for balance.Slot(key, 3) != 2 {
		key++
	}
	var c collector[uint64]
	handle := c.worker(3)
	var g *group.Group[uint64]
	own := make([]*group.Forwarder[uint64], 3)
	sent := make(chan error, 3)
	g = newGroup(t, group.Config[uint64]{
		Workers: 2, MaxWorkers: 3, Balance: balance.KeyHash(), Key: func(v *uint64) uint64 { return *v },
		Worker: func(l *exec.Local, id int) (_ group.Handler[uint64], err error) {
			if own[id], err = g.Forwarder(l); err != nil {
				return nil, err
			}
			return handle(l, id)
		},
		Release: func(_ *exec.Local, id int, _ func(uint64) bool) []group.Parcel {
			sent <- own[id].Send(key)
			return nil
		},
		Adopt: func(*exec.Local, int, []group.Parcel) error { return nil },
	})
	require.NoError(t, g.Start())
	_, err := g.Add(within(20 * time.Second))
	require.NoError(t, err)
	require.NoError(t, <-sent)
	require.NoError(t, <-sent)
	require.Empty(t, drain(t, g))
	require.Equal(t, [][]uint64{nil, nil, {key, key}}, c.got)
	require.EqualValues(t, 2, balanced(t, g).Forwarded)
}
