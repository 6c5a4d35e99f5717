package group_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
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

// The order of a key is that of before, whatever the change, and whoever sends.
func TestReplaceKeepsOrder(t *testing.T) {
	var mu sync.Mutex
	var got []int
	made := 0
	g := startGroup(t, group.Config[int]{Workers: 1, Depth: 8, OnFull: group.Block(context.Background()), Worker: func(*exec.Local, int) (group.Handler[int], error) {
		mu.Lock()
		defer mu.Unlock()
		made++
		return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
			mu.Lock()
			defer mu.Unlock()
			got = append(got, batch[0])
			return 1
		}), nil
	}})
	const items, replaced = 3000, 10
	ended := make(chan error, 1)
	go func() {
		p, err := g.Producer()
		for i := 0; i < items && err == nil; i++ {
			err = p.Send(i)
		}
		ended <- err
	}()
	for range replaced {
		require.NoError(t, g.Replace(within(20*time.Second), 0))
	}
	require.NoError(t, <-ended)
	require.Empty(t, drain(t, g))
	require.Len(t, got, items)
	for i, v := range got {
		require.Equal(t, i, v)
	}
	require.Equal(t, 1+replaced, made)
	require.EqualValues(t, replaced, balanced(t, g).Changes.Replaced)
}

// stuck is a group of two whose worker 0 handles nothing until it is let go.
func stuck(t *testing.T, cfg group.Config[int]) (g *group.Group[int], got *[8][]int, letGo func()) {
	var open atomic.Bool
	got = new([8][]int)
	cfg.Workers, cfg.MaxWorkers = 2, 4
	cfg.Exec.Logger = slog.New(slog.DiscardHandler)
	cfg.Worker = func(_ *exec.Local, id int) (group.Handler[int], error) {
		return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
			if id == 0 && !open.Load() {
				return 0
			}
			got[id] = append(got[id], batch...)
			return len(batch)
		}), nil
	}
	return startGroup(t, cfg), got, func() { open.Store(true) }
}

// A worker that is removed handles what it has, as long as it takes.
func TestRemoveWaitsForAWorkerThatHoldsBack(t *testing.T) {
	g, got, letGo := stuck(t, group.Config[int]{})
	p := producer(t, g)
	for i := range 10 {
		require.NoError(t, p.SendTo(0, i))
	}
	ended := make(chan error, 1)
	go func() { ended <- g.Remove(within(30*time.Second), 0) }()
	eventually(t, func() bool { return len(g.IDs()) == 1 })
	for i := range 10 {
		require.NoError(t, p.Send(100+i), "nobody waits for it")
	}
	require.Empty(t, ended)
	letGo()
	require.NoError(t, <-ended)
	require.Empty(t, drain(t, g))
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, got[0])
	require.Len(t, got[1], 10)
	require.Zero(t, balanced(t, g).Changes.HandedOver)
}

// When the time is over, the others get what it has, in order, and before anything newer of the same keys.
func TestRemoveHandsOverWhenTheTimeIsUp(t *testing.T) {
	for name, cfg := range map[string]group.Config[int]{
		"RoundRobin": {},
		"KeyHash":    {Balance: balance.KeyHash(), Key: func(v *int) uint64 { return uint64(*v) }},
	} {
		t.Run(name, func(t *testing.T) {
			g, got, _ := stuck(t, cfg)
			p := producer(t, g)
			for i := range 10 {
				require.NoError(t, p.SendTo(0, i))
			}
			require.NoError(t, p.StageTo(0, 10))
			require.NoError(t, g.Remove(within(5*time.Millisecond), 0))
			for err := group.ErrFull; err != nil; {
				if err = p.Send(11); err != nil {
					require.ErrorIs(t, err, group.ErrFull, "what was handed over is not yet handled")
				}
			}
			_, err := p.Flush()
			require.NoError(t, err)
			require.Empty(t, drain(t, g))
			if all := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}; name == "KeyHash" {
				require.Equal(t, all, got[1])
			} else {
				require.ElementsMatch(t, all, got[1])
			}
			s := balanced(t, g)
			require.Positive(t, s.Changes.HandedOver)
			require.EqualValues(t, 12, s.Accepted)
			require.EqualValues(t, 12, s.Executed)
		})
	}
}

// A change behind a barrier that the workers do not reach in time has not been made, and all goes on as before.
func TestABarrierThatIsNotReachedIsTakenBack(t *testing.T) {
	g, got, letGo := stuck(t, group.Config[int]{Depth: 64, Balance: balance.KeyHash(), Key: func(v *int) uint64 { return uint64(*v) }})
	p := producer(t, g)
	for i := range 10 {
		require.NoError(t, p.SendTo(0, i))
	}
	require.NoError(t, p.StageTo(0, 10))
	short := within(5 * time.Millisecond)
	_, err := g.Add(short)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, g.Pause(within(time.Millisecond), 1), context.DeadlineExceeded)
	require.ErrorIs(t, g.Replace(within(time.Millisecond), 1), context.DeadlineExceeded, "it is not worker 1 that others wait for")
	require.ErrorIs(t, g.Remove(within(time.Millisecond), 1), context.DeadlineExceeded)
	require.ErrorIs(t, g.Reassign(within(time.Millisecond), func() { t.Error("it was run") }), context.DeadlineExceeded)
	require.Equal(t, []int{0, 1}, g.IDs())
	require.ErrorIs(t, p.SendTo(1, 50), group.ErrFull, "what was staged goes first")
	q := producer(t, g)
	require.NoError(t, q.SendTo(1, 50))
	require.ErrorIs(t, p.SendTo(0, 50), group.ErrFull, "a new lane might overtake the old one")
	letGo()
	eventually(t, func() bool { return p.SendTo(0, 11) == nil })
	_, err = p.Flush()
	require.NoError(t, err)
	require.Empty(t, drain(t, g))
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, got[0])
	require.Equal(t, []int{50}, got[1])
	balanced(t, g)
}

// A worker that a panic has ended can be replaced, and the new one does what it has left. Items of the failed batch
// have failed.
func TestReplaceAWorkerThatHasEnded(t *testing.T) {
	for name, bal := range map[string]balance.Policy{"RoundRobin": balance.RoundRobin(), "KeyHash": balance.KeyHash()} {
		t.Run(name, func(t *testing.T) {
			var died atomic.Bool
			var got []int
			entered, release := make(chan struct{}), make(chan struct{})
			g := fragile(t, group.Config[int]{Workers: 2, Balance: bal, Worker: func(_ *exec.Local, id int) (group.Handler[int], error) {
				return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
					if id == 0 && died.CompareAndSwap(false, true) {
						close(entered)
						<-release
						panic(errGone)
					}
					if id == 0 {
						got = append(got, batch...)
					}
					return len(batch)
				}), nil
			}})
			p := producer(t, g)
			require.NoError(t, p.SendTo(0, 1))
			<-entered
			for i := range 5 {
				require.NoError(t, p.SendTo(0, 10+i))
			}
			close(release)
			eventually(t, g.Exec(0).Ended)
			require.NoError(t, g.Replace(within(20*time.Second), 0))
			eventually(t, func() bool { return p.SendTo(0, 20) == nil })
			require.Empty(t, drain(t, g))
			require.Equal(t, []int{10, 11, 12, 13, 14, 20}, got)
			s := balanced(t, g)
			require.EqualValues(t, 1, s.Failed)
			require.EqualValues(t, 5, s.Changes.HandedOver)
		})
	}
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

// A worker whose turn ends soon is removed by one call, even if there was no time at all.
func TestRemoveWithoutTime(t *testing.T) {
	entered := make(chan struct{}, 1)
	g := startGroup(t, group.Config[int]{Workers: 2, Worker: func(*exec.Local, int) (group.Handler[int], error) {
		return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
			entered <- struct{}{}
			time.Sleep(time.Millisecond)
			return len(batch)
		}), nil
	}})
	none, cancel := context.WithCancel(context.Background())
	cancel()
	p := producer(t, g)
	const tries = 10
	gone := 0
	for range tries {
		require.NoError(t, p.SendTo(1, 1))
		<-entered
		err := g.Remove(none, 1)
		if err == nil {
			gone++
		} else { // a busy machine
			require.ErrorIs(t, err, exec.ErrRunning)
			require.NoError(t, g.Remove(within(20*time.Second), 1))
		}
		_, err = g.Add(within(20 * time.Second))
		require.NoError(t, err)
	}
	require.Greater(t, gone, tries/2)
}

// What is sent to a worker that does not come to its end is bounded, whoever sends it.
func TestWhatWaitsForAWorkerThatDoesNotEndIsBounded(t *testing.T) {
	const limit = 64
	entered, letGo := make(chan struct{}), make(chan struct{})
	var once sync.Once
	var c byWorker
	g := startGroup(t, group.Config[int]{
		Workers: 2, MaxForwards: limit, Balance: balance.KeyHash(), Key: func(v *int) uint64 { return uint64(*v) },
		Exec: exec.Config{Logger: slog.New(slog.DiscardHandler)},
		Worker: func(l *exec.Local, id int) (group.Handler[int], error) {
			count, _ := c.worker(l, id)
			return group.HandlerFunc[int](func(l *exec.Local, batch []int) int {
				if id == 0 {
					once.Do(func() {
						close(entered)
						<-letGo
					})
				}
				return count.Handle(l, batch)
			}), nil
		},
	})
	require.NoError(t, g.Send(context.Background(), 0))
	p := producer(t, g)
	require.NoError(t, p.SendTo(0, 0))
	<-entered
	var stop atomic.Bool
	sent := make(chan int, 1)
	cos(t, g, 1, 1, func(co *exec.Co) error {
		f, err := g.Forwarder(co.Local())
		n := 0
		for err == nil && !stop.Load() {
			for range 100 {
				if f.SendTo(0, 1) == nil {
					n++
				}
			}
			err = co.Yield()
		}
		sent <- n
		return err
	})
	require.ErrorIs(t, g.Remove(within(5*time.Millisecond), 0), exec.ErrRunning)
	stop.Store(true)
	n := <-sent
	require.LessOrEqual(t, n, 3*limit)
	close(letGo)
	require.NoError(t, g.Remove(within(20*time.Second), 0))
	require.Empty(t, drain(t, g))
	require.EqualValues(t, n+2, c.sum())
}
