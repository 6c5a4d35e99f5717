package group_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// byWorker counts what each worker has handled.
type byWorker struct{ n [8]atomic.Int64 }

func (b *byWorker) worker(_ *exec.Local, id int) (group.Handler[int], error) {
	return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
		b.n[id].Add(int64(len(batch)))
		return len(batch)
	}), nil
}

func (b *byWorker) sum() (n int64) {
	for i := range b.n {
		n += b.n[i].Load()
	}
	return n
}

func TestAddAndRemove(t *testing.T) {
	ctx := within(20 * time.Second)
	var b byWorker
	g := startGroup(t, group.Config[int]{Workers: 2, MaxWorkers: 3, Worker: b.worker, Depth: 1 << 10})
	p := producer(t, g)
	send := func(n int) {
		before := b.sum()
		for i := range n {
			require.NoError(t, p.Send(i))
		}
		eventually(t, func() bool { return b.sum() == before+int64(n) })
	}
	send(10)
	require.EqualValues(t, 5, b.n[0].Load())
	require.EqualValues(t, 5, b.n[1].Load())

	id, err := g.Add(ctx)
	require.NoError(t, err)
	require.Equal(t, 2, id)
	require.Equal(t, 3, g.Workers())
	send(9)
	require.EqualValues(t, 3, b.n[2].Load(), "the new one has its share")
	_, err = g.Add(ctx)
	require.ErrorIs(t, err, group.ErrTooMany)
	require.ErrorContains(t, err, "all 3 workers")

	x := g.Exec(0)
	require.NoError(t, g.Remove(ctx, 0))
	require.True(t, x.Ended())
	require.Nil(t, g.Exec(0))
	require.Equal(t, []int{1, 2}, g.IDs())
	send(10)
	require.EqualValues(t, 8, b.n[0].Load(), "it has gone")
	require.ErrorIs(t, p.SendTo(0, 1), group.ErrWorker)
	require.ErrorContains(t, p.SendTo(0, 1), "the workers are [1 2]")

	id, err = g.Add(ctx)
	require.NoError(t, err)
	require.Zero(t, id, "the lowest that is free")
	require.NoError(t, p.SendTo(0, 1))
	eventually(t, func() bool { return b.n[0].Load() == 9 })
	require.Empty(t, drain(t, g))
	s := balanced(t, g)
	require.EqualValues(t, 30, s.Accepted)
	require.Equal(t, group.Changes{Added: 2, Removed: 1}, s.Changes)
	require.Len(t, s.Workers, 3)
}

func TestPauseAndResume(t *testing.T) {
	ctx := within(20 * time.Second)
	var b byWorker
	g := startGroup(t, group.Config[int]{Workers: 2, Worker: b.worker})
	p := producer(t, g)
	require.NoError(t, g.Pause(ctx, 0))
	require.NoError(t, g.Pause(ctx, 0), "it is")
	for i := range 10 {
		require.NoError(t, p.Send(i))
		require.NoError(t, g.TrySend(i))
	}
	require.NoError(t, p.SendTo(0, 1), "who names it may have it")
	require.ErrorContains(t, g.Pause(ctx, 1), "last one that is open")
	require.ErrorContains(t, g.Remove(ctx, 1), "last one that is open")
	require.NoError(t, g.Remove(ctx, 0), "one that is paused can go")
	require.ErrorIs(t, g.Resume(ctx, 0), group.ErrWorker)
	_, err := g.Add(ctx)
	require.NoError(t, err)
	require.NoError(t, g.Pause(ctx, 1))
	require.NoError(t, g.Resume(ctx, 1))
	require.Empty(t, drain(t, g))
	require.EqualValues(t, 20, b.n[1].Load())
	require.EqualValues(t, 1, b.n[0].Load())
	require.Equal(t, group.Changes{Added: 1, Removed: 1, Paused: 2, Resumed: 1}, balanced(t, g).Changes)
}

func TestChangesThatAreRefused(t *testing.T) {
	ctx := within(20 * time.Second)
	all := func(g *group.Group[int], id int) map[string]error {
		_, add := g.Add(ctx)
		return map[string]error{
			"add": add, "remove": g.Remove(ctx, id), "replace": g.Replace(ctx, id), "pause": g.Pause(ctx, id), "resume": g.Resume(ctx, id),
			"reassign": g.Reassign(ctx, func() { t.Error("it was run") }),
		}
	}
	var b byWorker
	cfg := group.Config[int]{Workers: 2, MaxWorkers: 4, Worker: b.worker}
	g := newGroup(t, cfg)
	for what, err := range all(g, 0) {
		require.ErrorContains(t, err, "not before", what)
	}
	require.NoError(t, g.Start())
	for _, id := range []int{-1, 2, 4, 1 << 30} {
		for what, err := range map[string]error{"remove": g.Remove(ctx, id), "replace": g.Replace(ctx, id), "pause": g.Pause(ctx, id), "resume": g.Resume(ctx, id)} {
			require.ErrorIs(t, err, group.ErrWorker, what)
		}
	}
	require.ErrorContains(t, g.Reassign(ctx, func() { t.Error("it was run") }), "nothing to reassign")
	onLoop := make(chan map[string]error, 1)
	_, err := exec.Call(ctx, g.Exec(0), func(*exec.Local) (int, error) {
		onLoop <- all(g, 0)
		return 0, nil
	})
	require.NoError(t, err)
	for what, err := range <-onLoop {
		require.ErrorIs(t, err, exec.ErrOnLoop, what)
	}
	drain(t, g)
	for what, err := range all(g, 0) {
		require.ErrorIs(t, err, group.ErrClosed, what)
	}

	h := newGroup(t, cfg)
	_, err = group.NewSharded(h, func(*exec.Local, int) (int, error) { return 0, nil })
	require.NoError(t, err)
	require.NoError(t, h.Start())
	errs := all(h, 0)
	for _, what := range []string{"add", "remove", "replace"} {
		require.ErrorContains(t, errs[what], "Sharded", what)
	}
	require.NoError(t, errs["pause"])
	require.NoError(t, errs["resume"])
	drain(t, h)
}

// Drain and Stop in the middle of a change end both.
func TestTheEndInTheMiddleOfAChange(t *testing.T) {
	keyed := func(v *int) uint64 { return uint64(*v) }
	for name, change := range map[string]func(g *group.Group[int]) error{
		"add":     func(g *group.Group[int]) error { _, err := g.Add(context.Background()); return err },
		"remove":  func(g *group.Group[int]) error { return g.Remove(context.Background(), 0) },
		"replace": func(g *group.Group[int]) error { return g.Replace(context.Background(), 0) },
		"pause":   func(g *group.Group[int]) error { return g.Pause(context.Background(), 0) },
	} {
		for how, cfg := range map[string]group.Config[int]{"RoundRobin": {}, "KeyHash": {Balance: balance.KeyHash(), Key: keyed}} {
			waits := how == "KeyHash" || name == "remove" || name == "replace"
			t.Run(name+"/"+how, func(t *testing.T) {
				g, got, letGo := stuck(t, cfg)
				p := producer(t, g)
				for i := range 10 {
					require.NoError(t, p.SendTo(0, i))
				}
				ended := make(chan error, 1)
				go func() { ended <- change(g) }()
				if waits {
					eventually(t, func() bool { return g.Changing() })
				}
				time.AfterFunc(10*time.Millisecond, letGo)
				undone, err := g.Drain(within(30 * time.Second))
				require.NoError(t, err)
				require.Empty(t, undone, "all of it is done in time")
				if err := <-ended; waits && err != nil {
					require.ErrorIs(t, err, group.ErrClosed)
				}
				require.Len(t, got[0], 10)
				balanced(t, g)
			})
			t.Run(name+"/"+how+"/Stop", func(t *testing.T) {
				g, got, _ := stuck(t, cfg)
				p := producer(t, g)
				for i := range 10 {
					require.NoError(t, p.SendTo(0, i))
				}
				ended := make(chan error, 1)
				go func() { ended <- change(g) }()
				if waits {
					eventually(t, func() bool { return g.Changing() })
				}
				g.Stop()
				require.NoError(t, g.Wait())
				if err := <-ended; err != nil { // nil: the worker had ended when it was looked at
					require.ErrorIs(t, err, group.ErrClosed)
				}
				undone := drain(t, g)
				require.Len(t, undone, 10-len(got[0])-len(got[2]))
				balanced(t, g)
			})
		}
	}
}

// A worker whose start fails is not there, and nothing has changed.
func TestAddOfAWorkerThatDoesNotStart(t *testing.T) {
	ctx := within(20 * time.Second)
	var b byWorker
	fails := errors.New("no")
	g := startGroup(t, group.Config[int]{Workers: 1, MaxWorkers: 2, Worker: func(l *exec.Local, id int) (group.Handler[int], error) {
		if id == 1 {
			if _, err := b.worker(l, id); err != nil {
				return nil, err
			}
			return nil, fails
		}
		return b.worker(l, id)
	}})
	for range 3 {
		id, err := g.Add(ctx)
		require.ErrorIs(t, err, fails)
		require.Equal(t, -1, id)
	}
	require.Equal(t, []int{0}, g.IDs())
	require.NoError(t, g.TrySend(1))
	require.Empty(t, drain(t, g))
	require.Zero(t, balanced(t, g).Changes)
}

// A weight is shown to the balancers at the next send.
func TestSetWeight(t *testing.T) {
	ctx := within(20 * time.Second)
	var c collector[int]
	g := startGroup(t, group.Config[int]{Workers: 2, Worker: c.worker(2), Balance: func(*balance.View) (balance.Balancer, error) { return heaviest{}, nil }})
	p := producer(t, g)
	require.NoError(t, p.Send(1))
	require.NoError(t, g.SetWeight(ctx, 1, 7))
	require.NoError(t, p.Send(2))
	require.ErrorIs(t, g.SetWeight(ctx, 2, 7), group.ErrWorker)
	require.Empty(t, drain(t, g))
	require.Equal(t, [][]int{{1}, {2}}, c.got)
	require.EqualValues(t, 1, g.Stats().Changes.Weighted)
}

// heaviest picks the worker with the most weight.
type heaviest struct{}

func (heaviest) Pick(_ uint64, v *balance.View) (best int) {
	for i, w := range v.Weight {
		if w > v.Weight[best] {
			best = i
		}
	}
	return best
}

func (heaviest) Update(*balance.View) error { return nil }
func (heaviest) Ordered() bool              { return false }
func (heaviest) Reads() balance.Reads       { return 0 }
