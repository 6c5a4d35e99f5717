package exec_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// The end of the Exec ends every wait: at Stop, and at a Drain whose context ends. All
// deferred functions have run when Wait returns.
func TestTheEndOfTheExecEndsEveryWait(t *testing.T) {
	for _, end := range []string{"Stop", "Drain"} {
		t.Run(end, func(t *testing.T) {
			onEveryWait(t, exec.Config{}, func(t *testing.T, h *host, w wait) {
				deferred := 0
				var js []*exec.Join[none]
				for range 3 {
					js = append(js, h.waiting(func(co *exec.Co) error {
						defer func() {
							refusedEverywhere(t, co)
							require.ErrorIs(t, co.Err(), exec.ErrClosed)
							_, err := exec.Go(co.Local(), func(*exec.Co) (int, error) { return 0, nil })
							require.ErrorIs(t, err, exec.ErrClosed)
							deferred++
						}()
						return w.await(co)
					}))
				}
				if end == "Stop" {
					h.x.Stop()
				} else {
					ctx, cancel := contextFor(5 * time.Millisecond)
					undone, err := h.x.Drain(ctx)
					cancel()
					require.Empty(t, undone)
					if h.started {
						require.ErrorIs(t, err, context.DeadlineExceeded)
					}
				}
				require.NoError(t, h.x.Wait())
				require.Equal(t, 3, deferred)
				for _, j := range js {
					_, err, ended := j.Result()
					require.True(t, ended)
					require.ErrorIs(t, err, exec.ErrCancelled)
					require.ErrorIs(t, err, exec.ErrClosed)
				}
				s := h.x.Stats()
				require.Zero(t, s.Coroutines)
				require.GreaterOrEqual(t, s.Cancelled, uint64(3))
			})
		})
	}
}

// Who was woken when the Exec ends has what it was woken with.
func TestTheEndOfTheExecBeforeItGoesOn(t *testing.T) {
	onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
		var p *exec.Promise[int]
		var got int
		var later error
		h.do(func(l *exec.Local) { p = exec.NewPromise[int](l) })
		woken := h.waiting(func(co *exec.Co) (err error) {
			got, err = p.Future().Await(co)
			later = co.Yield()
			return err
		})
		h.do(func(l *exec.Local) {
			p.Complete(7)
			l.Exec().Stop()
		})
		require.NoError(t, h.x.Wait())
		require.True(t, woken.Finished())
		require.Equal(t, 7, got)
		require.ErrorIs(t, later, exec.ErrCancelled)
	})
}

// Coroutines beyond one round's budget have not begun when Stop comes: they are returned.
func TestStopReturnsWhatHasNotBegun(t *testing.T) {
	onBoth(t, exec.Config{LocalBudget: 4}, func(t *testing.T, h *host) {
		var js []*exec.Join[none]
		begun := 0
		h.do(func(l *exec.Local) {
			for range 10 {
				js = append(js, spawn(l, func(*exec.Co) error { begun++; return nil }))
			}
			l.Exec().Stop()
		})
		require.NoError(t, h.x.Wait())
		require.Equal(t, 4, begun)
		for i, j := range js {
			_, err, ended := j.Result()
			require.True(t, ended)
			require.Equal(t, i >= 4, err != nil)
		}
		s := h.x.Stats()
		require.EqualValues(t, 6, s.Returned)
		require.EqualValues(t, 6, s.Cancelled)
		settled(t, 11, s)
	})
}

// Drain waits for coroutines to end by themselves: for what they wait for, too.
func TestDrainWaitsForCoroutines(t *testing.T) {
	watchdog(t, time.Minute)
	x := begin(t, exec.Config{})
	ended := 0
	onLoop(t, x, func(l *exec.Local) {
		q := exec.NewQueue[int](l, 1)
		spawn(l, func(co *exec.Co) error {
			defer q.Close()
			for i := range 20 {
				if err := co.Sleep(time.Millisecond); err != nil {
					return err
				}
				if err := q.Send(co, i); err != nil {
					return err
				}
			}
			ended++
			return nil
		})
		spawn(l, func(co *exec.Co) error {
			for {
				v, err := q.Receive(co)
				if err != nil {
					return err
				}
				// It may still start others, and spawn tasks.
				spawn(l, (*exec.Co).Yield)
				l.Spawn(nop{})
				if v == 19 {
					ended++
				}
			}
		})
	})
	require.Empty(t, drain(t, x))
	require.Equal(t, 2, ended)
	s := x.Stats()
	require.Zero(t, s.Cancelled)
	settled(t, 1+2+40, s)
}

// A Drain cancels those that have asked for it, also those that ask when it has begun;
// all others it waits for.
func TestCancelOnDrain(t *testing.T) {
	for _, way := range []string{"Drain", "Quiesce"} {
		t.Run(way, func(t *testing.T) {
			watchdog(t, time.Minute)
			x := begin(t, exec.Config{})
			h := &host{t, x, true}
			var w *exec.Waker
			server := h.waiting(func(co *exec.Co) error { co.CancelOnDrain(); return co.Park() })
			var late error
			request := h.waiting(func(co *exec.Co) error {
				w = co.Waker()
				if err := co.Park(); err != nil {
					return err
				}
				spawn(co.Local(), func(co *exec.Co) error {
					co.CancelOnDrain()
					late = co.Err()
					return co.Yield()
				})
				return nil
			})
			if way == "Quiesce" {
				x.Quiesce()
				x.Quiesce()
				require.ErrorIs(t, h.ended(server), exec.ErrCancelled)
				h.do(func(*exec.Local) { require.False(t, request.Finished()) })
			} else {
				go func() {
					time.Sleep(5 * time.Millisecond)
					w.Wake()
				}()
				require.Empty(t, drain(t, x))
			}
			w.Wake()
			require.Empty(t, drain(t, x))
			_, err, _ := request.Result()
			require.NoError(t, err)
			_, err, _ = server.Result()
			require.ErrorIs(t, err, exec.ErrCancelled)
			require.ErrorIs(t, err, exec.ErrClosed)
			require.ErrorIs(t, late, exec.ErrCancelled)
		})
	}
}

// The same in Step, where Quiesce is seen at the next one.
func TestQuiesceInStep(t *testing.T) {
	x := stepped(t, exec.Config{})
	h := &host{t, x, false}
	server := h.waiting(func(co *exec.Co) error { co.CancelOnDrain(); return co.Park() })
	other := h.waiting(forever)
	x.Quiesce()
	require.ErrorIs(t, h.ended(server), exec.ErrCancelled)
	require.False(t, other.Finished())
}

// What coroutines spawn on their way out is returned, not lost.
func TestSpawnWhileBeingCancelled(t *testing.T) {
	onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
		h.waiting(func(co *exec.Co) error {
			defer co.Local().Spawn(nop{})
			defer func() {
				_, ok := co.Local().After(time.Hour, nop{})
				require.True(t, ok)
			}()
			return co.Park()
		})
		h.x.Stop()
		require.NoError(t, h.x.Wait())
		require.Equal(t, []exec.Task{nop{}, nop{}}, drain(t, h.x))
		s := h.x.Stats()
		require.Equal(t, s.Spawned+s.Control, s.Executed()+s.Failed()+s.Returned)
	})
}

// OnStart may start coroutines; OnStop, and an OnStart that fails, may not.
func TestCoroutinesOfOnStartAndOnStop(t *testing.T) {
	for _, fail := range []bool{false, true} {
		var j *exec.Join[none]
		ran := false
		var inStop error
		x, err := exec.New(exec.Config{
			OnStart: func(l *exec.Local) error {
				j = spawn(l, func(*exec.Co) error { ran = true; return nil })
				if fail {
					return context.Canceled
				}
				return nil
			},
			OnStop: func(l *exec.Local) {
				_, inStop = exec.Go(l, func(*exec.Co) (int, error) { return 0, nil })
			},
		})
		require.NoError(t, err)
		err = x.Start()
		require.Equal(t, fail, err != nil)
		if fail {
			require.False(t, ran)
			_, err, _ := j.Result()
			require.ErrorIs(t, err, exec.ErrCancelled)
			require.ErrorIs(t, x.Wait(), context.Canceled)
		} else {
			drain(t, x)
			require.True(t, ran)
			require.ErrorIs(t, inStop, exec.ErrClosed)
		}
		require.EqualValues(t, 1, x.Stats().Spawned)
	}
}
