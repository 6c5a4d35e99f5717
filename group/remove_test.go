package group_test

import (
	"context"
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
	open := sync.OnceFunc(func() { close(letGo) })
	t.Cleanup(open) // or the group would not come to its end
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
	open()
	require.NoError(t, g.Remove(within(20*time.Second), 0))
	require.Empty(t, drain(t, g))
	require.EqualValues(t, n+2, c.sum())
}
