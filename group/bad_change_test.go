package group_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// fussy wants two open workers at least, and panics over five.
type fussy struct{ ordered bool }

func (f fussy) policy(v *balance.View) (balance.Balancer, error) { return f, f.Update(v) }

func (f fussy) Pick(key uint64, v *balance.View) int {
	open := v.AppendOpen(nil)
	return open[key%uint64(len(open))]
}

func (fussy) Update(v *balance.View) error {
	switch n := v.OpenCount(); {
	case n < 2:
		return errors.New("one is not enough")
	case n > 4:
		panic("five are too many")
	}
	return nil
}

func (f fussy) Ordered() bool { return f.ordered }

// A change that the balancer cannot follow fails, and leaves all as it was.
func TestAChangeThatTheBalancerRefuses(t *testing.T) {
	ctx := within(20 * time.Second)
	for name, policy := range map[string]balance.Policy{
		"unordered":       fussy{}.policy,
		"ordered":         fussy{true}.policy,
		"Shared":          balance.Shared(fussy{}.policy),
		"Shared, ordered": balance.Shared(fussy{true}.policy),
	} {
		t.Run(name, func(t *testing.T) {
			var b byWorker
			g := startGroup(t, group.Config[int]{Workers: 2, MaxWorkers: 5, Balance: policy, Worker: b.worker, Exec: exec.Config{Logger: slog.New(slog.DiscardHandler)}})
			p := producer(t, g)
			sends := 0
			works := func() {
				t.Helper()
				for i := range 10 {
					eventually(t, func() bool { return p.SendKey(uint64(i), i) == nil })
					eventually(t, func() bool { return g.TrySendKey(uint64(i), i) == nil })
					sends += 2
				}
			}
			works()
			require.ErrorContains(t, g.Pause(ctx, 0), "one is not enough")
			require.ErrorContains(t, g.Remove(ctx, 1), "cannot do with the workers")
			require.Equal(t, []int{0, 1}, g.IDs())
			works()
			for range 2 {
				_, err := g.Add(ctx)
				require.NoError(t, err)
			}
			works()
			_, err := g.Add(ctx)
			require.ErrorContains(t, err, "five are too many")
			require.Len(t, g.IDs(), 4)
			works()
			require.Empty(t, drain(t, g))
			s := balanced(t, g)
			require.Equal(t, group.Changes{Added: 2}, s.Changes)
			require.EqualValues(t, sends, s.Executed)
		})
	}

	var c byWorker
	g := startGroup(t, group.Config[int]{Workers: 2, Balance: balance.SmoothWeighted(), Worker: c.worker})
	require.NoError(t, g.SetWeight(ctx, 0, 0))
	require.ErrorIs(t, g.SetWeight(ctx, 1, 0), balance.ErrNoWorker)
	require.ErrorIs(t, g.Pause(ctx, 1), balance.ErrNoWorker)
	require.NoError(t, g.TrySend(1))
	require.Empty(t, drain(t, g))
	require.EqualValues(t, 1, c.n[1].Load())
}

// A shared balancer that was asked about a change that was then not made goes by the workers that there are.
func TestASharedBalancerForgetsAChangeThatWasNotMade(t *testing.T) {
	g, _, letGo := stuck(t, group.Config[int]{Depth: 256, Balance: balance.Shared(balance.KeyHash()), Key: func(v *int) uint64 { return uint64(*v) }})
	p := producer(t, g)
	require.NoError(t, p.SendTo(0, 1))
	_, err := g.Add(within(time.Millisecond))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	letGo()
	for i := range 50 {
		eventually(t, func() bool { return p.Send(i) == nil })
	}
	require.Empty(t, drain(t, g))
	balanced(t, g)
}

// Code of the user's that panics in the middle of a hand-over loses nothing: the items go to somebody.
func TestAHandOverThatPanics(t *testing.T) {
	var bad atomic.Bool
	for name, cfg := range map[string]group.Config[int]{
		"Key": {Balance: balance.KeyHash(), Key: func(v *int) uint64 {
			if bad.Load() {
				panic("no key")
			}
			return uint64(*v)
		}},
		"Pick": {Balance: func(*balance.View) (balance.Balancer, error) { return touchy{&bad}, nil }},
	} {
		t.Run(name, func(t *testing.T) {
			bad.Store(false)
			g, got, _ := stuck(t, cfg)
			p := producer(t, g)
			for i := range 10 {
				require.NoError(t, p.SendTo(0, i))
			}
			bad.Store(true)
			require.NoError(t, g.Remove(within(5*time.Millisecond), 0))
			bad.Store(false)
			eventually(t, func() bool { return p.Send(10) == nil })
			require.Empty(t, drain(t, g))
			require.Len(t, got[1], 11)
			balanced(t, g)
		})
	}
}

// touchy panics when it is told to.
type touchy struct{ bad *atomic.Bool }

func (touchy) Update(*balance.View) error { return nil }
func (touchy) Ordered() bool              { return false }
func (b touchy) Pick(_ uint64, v *balance.View) int {
	if b.bad.Load() {
		panic("no pick")
	}
	return v.AppendOpen(nil)[0]
}

// A worker whose Config.Worker panics is not there, and nothing has changed.
func TestAWorkerThatPanicsAtItsStart(t *testing.T) {
	ctx := within(20 * time.Second)
	var bad atomic.Bool
	var b byWorker
	g := startGroup(t, group.Config[int]{Workers: 2, MaxWorkers: 3, Exec: exec.Config{Logger: slog.New(slog.DiscardHandler)}, Worker: func(l *exec.Local, id int) (group.Handler[int], error) {
		if bad.Load() {
			panic("not today")
		}
		return b.worker(l, id)
	}})
	bad.Store(true)
	_, err := g.Add(ctx)
	require.ErrorContains(t, err, "not today")
	require.ErrorContains(t, g.Replace(ctx, 0), "not today")
	require.Equal(t, []int{0, 1}, g.IDs())
	require.NoError(t, g.TrySend(1))
	bad.Store(false)
	_, err = g.Add(ctx)
	require.NoError(t, err)
	require.NoError(t, g.Replace(ctx, 0))
	require.Empty(t, drain(t, g))
	require.Equal(t, group.Changes{Added: 1, Replaced: 1}, balanced(t, g).Changes)
}

// What a stranger sends to a new worker does not overtake what it has sent to the one before.
func TestAStrangerWaitsForTheWorkerBefore(t *testing.T) {
	var old atomic.Pointer[exec.Exec]
	var open atomic.Bool
	var got []int
	g := newGroup(t, group.Config[int]{Workers: 1, Worker: func(l *exec.Local, _ int) (group.Handler[int], error) {
		x := l.Exec()
		old.CompareAndSwap(nil, x)
		return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
			if x == old.Load() && !open.Load() {
				return 0
			}
			got = append(got, batch...)
			return len(batch)
		}), nil
	}})
	require.NoError(t, g.Start())
	for i := range 5 {
		require.NoError(t, g.TrySend(i))
	}
	ended := make(chan error, 1)
	go func() { ended <- g.Replace(within(30*time.Second), 0) }()
	eventually(t, func() bool { return g.Exec(0) != old.Load() })
	require.ErrorIs(t, g.TrySend(5), group.ErrFull)
	open.Store(true)
	require.NoError(t, <-ended)
	eventually(t, func() bool { return g.TrySend(5) == nil })
	require.Empty(t, drain(t, g))
	require.Equal(t, []int{0, 1, 2, 3, 4, 5}, got)
	balanced(t, g)
}

// Items that are handed over do not expire any more: they have been waited for once.
func TestWhatIsHandedOverDoesNotExpire(t *testing.T) {
	var clock atomic.Int64
	var open atomic.Bool
	var expired, done atomic.Int64
	g := startGroup(t, group.Config[int]{
		Workers: 2, MaxWait: time.Hour, OnExpired: func(_ *exec.Local, _ int, batch []int) { expired.Add(int64(len(batch))) },
		Exec: exec.Config{Clock: func() time.Duration { return time.Duration(clock.Load()) }, Logger: slog.New(slog.DiscardHandler)},
		Worker: func(_ *exec.Local, id int) (group.Handler[int], error) {
			return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
				if id == 0 || !open.Load() {
					return 0
				}
				done.Add(int64(len(batch)))
				return len(batch)
			}), nil
		},
	})
	p := producer(t, g)
	for i := range 5 {
		require.NoError(t, p.SendTo(0, i))
	}
	require.NoError(t, p.SendTo(1, 5))
	require.NoError(t, g.Remove(within(5*time.Millisecond), 0))
	clock.Store(int64(2 * time.Hour))
	open.Store(true)
	require.Empty(t, drain(t, g))
	require.EqualValues(t, 1, expired.Load(), "it has waited at its own worker all the time")
	require.EqualValues(t, 5, done.Load())
	balanced(t, g)
}
