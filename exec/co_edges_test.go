package exec_test

import (
	"context"
	"errors"
	"math"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// Clocks may show negative times; waits end all the same.
func TestSleepOnANegativeClock(t *testing.T) {
	x, now := faked(t, exec.Config{})
	*now = -10 * time.Second
	slept, fired := false, false
	x.TrySend(exec.Func(func(l *exec.Local) {
		l.After(time.Second, exec.Func(func(*exec.Local) { fired = true }))
		_ = l.Go(func(co *exec.Co) { slept = co.Sleep(time.Second) == nil })
	}))
	x.Step()
	require.False(t, slept)
	*now += 5 * time.Second
	settle(x)
	require.True(t, fired)
	require.True(t, slept)
}

func TestSemaphoreReleaseOfTooMany(t *testing.T) {
	x := stepped(t, exec.Config{})
	inOneStep(t, x, func(l *exec.Local) {
		s := exec.NewSemaphore(l, 2)
		require.Panics(t, func() { s.Release(math.MaxInt) })
		require.Equal(t, 2, s.Free())
	})
}

// A Select leaves the variables of its other cases alone.
func TestSelectLeavesLosersAlone(t *testing.T) {
	x := begin(t, exec.Config{})
	v, err := exec.CallGo(patience(t), x, func(co *exec.Co) (int, error) {
		v := 42
		_, err := exec.Select(co, exec.NewQueue[int](co.Local(), 1).Receiving(&v), exec.Elapsed(0))
		return v, err
	})
	require.NoError(t, err)
	require.Equal(t, 42, v)
}

// What nobody will receive wakes nobody; what somebody waits for does.
func TestMailboxWakesOnlyReceivers(t *testing.T) {
	x, err := exec.New(exec.Config{Spin: -1})
	require.NoError(t, err)
	m, err := exec.NewMailbox(x, exec.InboxConfig[int]{})
	require.NoError(t, err)
	lane, err := m.Lane()
	require.NoError(t, err)
	startForTest(t, x)
	for round := range 5 {
		eventually(t, "it sleeps", func() bool { return x.Stats().Parks > 0 && exec.Asleep(x) })
		before := x.Stats().WakesReceived
		for range 100 {
			require.True(t, m.TrySend(1))
			require.True(t, lane.Push(1))
		}
		require.LessOrEqual(t, x.Stats().WakesReceived-before, uint64(1), "round %d", round)
		sum, err := exec.CallGo(patience(t), x, func(co *exec.Co) (sum int, err error) {
			for range 200 {
				v, err := m.Receive(co)
				if err != nil {
					return sum, err
				}
				sum += v
			}
			return sum, nil
		})
		require.NoError(t, err)
		require.Equal(t, 200, sum)

		got := make(chan int, 1)
		require.True(t, x.TrySend(exec.Func(func(l *exec.Local) {
			_ = l.Go(func(co *exec.Co) {
				v, _ := m.Receive(co)
				got <- v
			})
		})))
		eventually(t, "it waits", func() bool { return x.Stats().Coroutines == 1 && exec.Asleep(x) })
		require.True(t, lane.Push(7))
		require.Equal(t, 7, <-got)
	}
}

// In every build, what would wake a coroutine from another goroutine panics there, and the
// coroutine is none the worse.
func TestCompletedOnAnotherGoroutine(t *testing.T) {
	x := begin(t, exec.Config{Name: "home", Spin: -1})
	ps := make(chan *exec.Promise[int], 1)
	done := make(chan error, 1)
	ctx := patience(t)
	go func() {
		v, err := exec.CallGo(ctx, x, func(co *exec.Co) (int, error) {
			p := exec.NewPromise[int](co.Local())
			ps <- p
			_, err := exec.Select(co, p.Future(), exec.Elapsed(time.Hour))
			return 0, err
		})
		if v != 0 {
			err = errors.New("it was completed")
		}
		done <- err
	}()
	p := <-ps
	eventually(t, "it waits", func() bool { return exec.Asleep(x) })
	require.Panics(t, func() { p.Complete(1) })
	x.Stop()
	require.ErrorIs(t, <-done, exec.ErrClosed)
}

// OnStop runs where OnStart has run, also in Step.
func TestOnStopAfterStep(t *testing.T) {
	stops := 0
	x, err := exec.New(exec.Config{OnStop: func(*exec.Local) { stops++ }})
	require.NoError(t, err)
	x.Step()
	x.Stop()
	x.Stop()
	require.Equal(t, 1, stops)
	x, err = exec.New(exec.Config{OnStop: func(*exec.Local) { stops++ }})
	require.NoError(t, err)
	x.Stop()
	require.Equal(t, 1, stops, "this one has never begun")
}

// Stacks that Goexits hold up are bounded: beyond KeepCoroutines the Exec ends, and says why.
func TestTooManyGoexits(t *testing.T) {
	before := runtime.NumGoroutine()
	x, err := exec.New(exec.Config{KeepCoroutines: 4})
	require.NoError(t, err)
	require.NoError(t, x.Start())
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, err = exec.CallGo(ctx, x, func(co *exec.Co) (none, error) {
		set := exec.NewJoinSet[none](co.Local())
		for range 50 {
			_ = set.Go(func(co *exec.Co) (none, error) {
				_ = co.Yield()
				runtime.Goexit()
				return none{}, nil
			})
		}
		return none{}, set.Wait(co)
	})
	require.Error(t, err)
	require.ErrorContains(t, x.Wait(), "runtime.Goexit was called in so many coroutines")
	eventually(t, "no goroutine is left", func() bool { return runtime.NumGoroutine() <= before })
}

// The end of a coroutine ends what ties it to a context.
func TestCancelWithEndsWithTheCoroutine(t *testing.T) {
	x := begin(t, exec.Config{})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var stop func() bool
	_, err := exec.CallGo(patience(t), x, func(co *exec.Co) (none, error) {
		stop = co.CancelWith(ctx)
		return none{}, nil
	})
	require.NoError(t, err)
	require.False(t, stop(), "it was stopped already")
}
