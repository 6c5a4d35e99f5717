package exec_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// What the tests of other runtimes demand of theirs, of ours.

// loaded is an Exec that always has something to do.
func loaded(t testing.TB) *exec.Exec {
	t.Helper()
	watchdog(t, time.Minute)
	x := begin(t, exec.Config{})
	onLoop(t, x, func(l *exec.Local) {
		for range 4 {
			spawn(l, func(co *exec.Co) error { return loopOf(co.Yield) })
			var again exec.Func
			again = func(l *exec.Local) { l.Spawn(again) }
			l.Spawn(again)
		}
	})
	return x
}

// A coroutine that waits several times completes while others never let the Exec idle.
func TestCompletesUnderLoad(t *testing.T) {
	x := loaded(t)
	h := &host{t, x, true}
	require.NoError(t, h.run(func(co *exec.Co) error {
		p := exec.NewPromise[int](co.Local())
		j := spawn(co.Local(), func(co *exec.Co) error {
			if err := co.Sleep(time.Millisecond); err != nil {
				return err
			}
			p.Complete(1)
			return nil
		})
		if _, err := p.Future().Await(co); err != nil {
			return err
		}
		return second(j.Await(co))
	}))
}

// What another thread starts under load begins, and its result gets back there.
func TestSpawnFromAnotherThreadUnderLoad(t *testing.T) {
	x := loaded(t)
	for i := range sized(20, 100, 1000) {
		back := make(chan int, 1)
		require.NoError(t, x.Send(patience(t), exec.Func(func(l *exec.Local) {
			spawn(l, func(co *exec.Co) error {
				err := co.Yield()
				back <- i
				return err
			})
		})))
		require.Equal(t, i, <-back)
	}
}

// Many pairs that wait for each other, beside as many that only give way.
func TestPingPongSaturation(t *testing.T) {
	onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
		pairs, rounds := sized(50, 200, 1000), 20
		left := pairs
		h.do(func(l *exec.Local) {
			for range pairs {
				ping, pong := exec.NewQueue[int](l, 1), exec.NewQueue[int](l, 1)
				spawn(l, func(co *exec.Co) error {
					for i := range rounds {
						if err := ping.Send(co, i); err != nil {
							return err
						}
						v, err := pong.Receive(co)
						require.NoError(t, err)
						require.Equal(t, i, v)
					}
					ping.Close()
					left--
					return nil
				})
				spawn(l, func(co *exec.Co) error {
					for {
						v, err := ping.Receive(co)
						if err != nil {
							return err
						}
						if err := pong.Send(co, v); err != nil {
							return err
						}
					}
				})
				spawn(l, func(co *exec.Co) error {
					for left > 0 {
						if err := co.Yield(); err != nil {
							return err
						}
					}
					return nil
				})
			}
		})
		h.until("all have played", func() bool { return left == 0 && h.idle() })
	})
}

// An Exec that sleeps, for an hour or for ever, ends when it is told to.
func TestShutdownWakesUp(t *testing.T) {
	for name, wait := range map[string]func(co *exec.Co) error{
		"Sleep": func(co *exec.Co) error { return co.Sleep(time.Hour) },
		"Park":  forever,
	} {
		t.Run(name, func(t *testing.T) {
			watchdog(t, time.Minute)
			x := begin(t, exec.Config{Spin: -1})
			onLoop(t, x, func(l *exec.Local) {
				spawn(l, wait)
				spawn(l, func(co *exec.Co) error { co.CancelOnDrain(); return wait(co) })
			})
			parks := x.Stats().Parks
			eventually(t, "it parked", func() bool { return x.Stats().Parks > parks || x.Stats().Coroutines == 2 && x.Stats().Parks > 0 })
			ctx, cancel := contextFor(10 * time.Millisecond)
			defer cancel()
			_, err := x.Drain(ctx)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.NoError(t, x.Wait())
			require.EqualValues(t, 2, x.Stats().Cancelled)
		})
	}
}

// Others start coroutines while the Exec ends: each was refused, or ended one way or
// another, and nobody is told twice.
func TestShutdownWhileOthersSpawn(t *testing.T) {
	for range sized(10, 50, 500) {
		x, err := exec.New(exec.Config{})
		require.NoError(t, err)
		require.NoError(t, x.Start())
		var sent, begun, refused, ended atomic.Int64
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 200 {
					if !x.TrySend(exec.Func(func(l *exec.Local) {
						_, err := exec.Go(l, func(co *exec.Co) (int, error) {
							begun.Add(1)
							defer ended.Add(1)
							return 0, co.Yield()
						})
						if err != nil {
							refused.Add(1)
						}
					})) {
						return
					}
					sent.Add(1)
				}
			})
		}
		runtime.Gosched()
		x.Stop()
		undone := drain(t, x)
		wg.Wait()
		undone = append(undone, drain(t, x)...)
		s := x.Stats()
		require.Zero(t, refused.Load(), "no task runs once coroutines are refused")
		require.Equal(t, begun.Load(), ended.Load())
		require.EqualValues(t, sent.Load(), int64(len(undone))+int64(s.Spawned), "each task that ran started one")
		settled(t, int(sent.Load()+int64(s.Spawned)), s)
	}
}

// What coroutines hold is let go of when the Exec ends, each once, and before Wait
// returns; also what holds on to others.
func TestOutstandingCoroutinesAreEnded(t *testing.T) {
	onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
		const n = 100
		released := map[int]int{}
		h.do(func(l *exec.Local) {
			m := exec.NewMutex(l)
			for i := range n {
				spawn(l, func(co *exec.Co) error {
					defer func() { released[i]++ }()
					switch i % 4 {
					case 0:
						if err := m.Lock(co); err != nil {
							return err
						}
						defer m.Unlock()
					case 1:
						j := spawn(l, func(co *exec.Co) error {
							defer func() { released[n+i]++ }()
							return co.Park()
						})
						defer j.Abort()
						return second(j.Await(co))
					case 2:
						return co.Within(time.Hour, func() error { return co.Sleep(time.Hour) })
					}
					return co.Park()
				})
			}
		})
		h.rounds(3)
		h.x.Stop()
		require.NoError(t, h.x.Wait())
		require.Len(t, released, n+n/4)
		for i, times := range released {
			require.Equal(t, 1, times, "%d", i)
		}
	})
}
