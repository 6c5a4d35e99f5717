package exec_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// refusedEverywhere checks that a cancelled coroutine can wait for nothing.
func refusedEverywhere(t testing.TB, co *exec.Co) {
	l := co.Local()
	p, s, m := exec.NewPromise[int](l), exec.NewSemaphore(l, 1), exec.NewMutex(l)
	q, g, b := exec.NewQueue[int](l, 1), exec.NewGate(l), exec.NewBroadcast[int](l, 1)
	sub := b.Subscribe()
	q.TrySend(1)
	b.Send(1)
	p.Complete(1)
	set := exec.NewJoinSet[int](l)
	_ = g.Enter()
	for name, err := range map[string]error{
		"Yield": co.Yield(), "Sleep": co.Sleep(1), "Sleep(0)": co.Sleep(0), "Park": co.Park(),
		"Acquire": s.Acquire(co, 1), "Lock": m.Lock(co), "Send": q.Send(co, 1), "Close": g.Close(co),
		"Receive":   second(q.Receive(co)),
		"Broadcast": second(sub.Receive(co)),
		"Select":    second(exec.Select(co, p.Future())),
		"Await":     second(p.Future().Await(co)),
		"Wait":      set.Wait(co),
		"Within":    co.Within(time.Hour, co.Yield),
		"Err":       co.Err(),
	} {
		require.ErrorIs(t, err, exec.ErrCancelled, name)
	}
	require.Equal(t, 1, q.Len())
	require.Equal(t, 1, s.Free())
}

func second[T any](_ T, err error) error { return err }

// A coroutine that is aborted while it waits gets ErrCancelled, now and from every later
// wait; its deferred functions run; and it stands in nobody's way any more.
func TestAbortWhileItWaits(t *testing.T) {
	onEveryWait(t, exec.Config{}, func(t *testing.T, h *host, w wait) {
		deferred := false
		gone := h.waiting(func(co *exec.Co) error {
			defer func() {
				refusedEverywhere(t, co)
				deferred = true
			}()
			return w.await(co)
		})
		next := h.waiting(w.await)
		h.do(func(*exec.Local) { gone.Abort(); gone.Abort() })
		require.ErrorIs(t, h.ended(gone), exec.ErrCancelled)
		require.True(t, deferred)
		h.do(func(l *exec.Local) {
			require.False(t, next.Finished())
			require.EqualValues(t, 1, l.Stats().Cancelled)
			w.wake()
		})
		require.NoError(t, h.ended(next), "the one behind it is served")
		other := h.waiting(func(co *exec.Co) error {
			if w.all {
				return nil
			}
			return w.await(co)
		})
		if !w.all {
			h.do(func(*exec.Local) { require.False(t, other.Finished()); w.wake() })
		}
		require.NoError(t, h.ended(other))
		h.do(func(*exec.Local) {
			require.True(t, w.spare())
			gone.Abort() // after its end: nothing happens
		})
	})
}

// Aborted before it begins, it never does, and counts as returned.
func TestAbortBeforeItBegins(t *testing.T) {
	onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
		begun := false
		var j *exec.Join[none]
		h.do(func(l *exec.Local) {
			j = spawn(l, func(*exec.Co) error { begun = true; return nil })
			j.Abort()
			j.Abort()
		})
		require.ErrorIs(t, h.ended(j), exec.ErrCancelled)
		require.False(t, begun)
		h.do(func(l *exec.Local) {
			s := l.Stats()
			require.EqualValues(t, 1, s.Returned)
			require.EqualValues(t, 1, s.Cancelled)
			require.Zero(t, s.Coroutines)
			require.Zero(t, s.TasksFailed)
		})
	})
}

// Aborted, or out of time, after it was woken but before it goes on, it has what it was
// woken with. What comes after is refused.
func TestAbortAfterItWasWoken(t *testing.T) {
	onEveryWait(t, exec.Config{}, func(t *testing.T, h *host, w wait) {
		var got, later error
		j := h.waiting(func(co *exec.Co) error {
			got = w.await(co)
			later = co.Yield()
			return nil
		})
		h.do(func(l *exec.Local) {
			// A Waker runs before coroutines do, and so does this; only Join.Await is
			// woken in the round.
			w.wake()
			j.Abort()
		})
		require.NoError(t, h.ended(j))
		if errors.Is(got, exec.ErrCancelled) {
			require.Contains(t, t.Name(), "Join", "it was not woken by the task itself")
		} else {
			require.NoError(t, got)
		}
		require.ErrorIs(t, later, exec.ErrCancelled)
	})
}

// The same by Within: in time, out of time, and woken in time but too late to go on.
func TestWithinWhileItWaits(t *testing.T) {
	onEveryWait(t, exec.Config{}, func(t *testing.T, h *host, w wait) {
		gone := h.waiting(func(co *exec.Co) error {
			err := co.Within(5*time.Millisecond, func() error {
				err := w.await(co)
				require.ErrorIs(t, co.Yield(), exec.ErrTimeout, "every wait in it")
				require.ErrorIs(t, w.await(co), exec.ErrTimeout)
				require.NoError(t, co.Err(), "it is not cancelled")
				return err
			})
			require.NoError(t, co.Yield(), "after it, it waits as before")
			return err
		})
		next := h.waiting(func(co *exec.Co) error {
			return co.Within(time.Hour, func() error { return w.await(co) })
		})
		require.ErrorIs(t, h.ended(gone), exec.ErrTimeout)
		h.do(func(l *exec.Local) {
			require.False(t, next.Finished())
			require.Zero(t, l.Stats().Cancelled)
			w.wake()
		})
		require.NoError(t, h.ended(next))
	})
}

// Yield and Park are not in the table: a coroutine that yields does not wait for anyone,
// and a Park has no second waiter.
func TestAbortOfYieldSleepAndPark(t *testing.T) {
	onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
		for name, await := range map[string]func(co *exec.Co) error{
			"Park":   (*exec.Co).Park,
			"Sleep":  func(co *exec.Co) error { return co.Sleep(time.Hour) },
			"Select": func(co *exec.Co) error { return second(exec.Select(co, exec.Elapsed(time.Hour))) },
		} {
			j := h.waiting(await)
			h.do(func(*exec.Local) { j.Abort() })
			require.ErrorIs(t, h.ended(j), exec.ErrCancelled, name)
		}
		yields := 0
		j := h.waiting(func(co *exec.Co) error {
			for {
				if err := co.Yield(); err != nil {
					return err
				}
				yields++
			}
		})
		var before int
		h.do(func(*exec.Local) { j.Abort(); before = yields })
		require.ErrorIs(t, h.ended(j), exec.ErrCancelled)
		require.Equal(t, before, yields, "the one in progress says so, too")
	})
}

// A coroutine may abort itself: it goes on until its next wait.
func TestAbortOfOneself(t *testing.T) {
	onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
		var j *exec.Join[none]
		went := false
		h.do(func(l *exec.Local) {
			j = spawn(l, func(co *exec.Co) error {
				j.Abort()
				went = true
				return co.Yield()
			})
		})
		require.ErrorIs(t, h.ended(j), exec.ErrCancelled)
		require.True(t, went)
	})
}

// One that takes no notice of being cancelled, or of its time being over, is stopped: it
// would keep the Exec for ever.
func TestRefusedForEver(t *testing.T) {
	if identityAllocates() && !long() {
		t.Skip("a million waits take minutes where telling goroutines apart is slow")
	}
	onBoth(t, exec.Config{Name: "it", OnPanic: func(exec.Panic) {}}, func(t *testing.T, h *host) {
		for name, f := range map[string]func(co *exec.Co, done *exec.Future[int]) error{
			"Yield": func(co *exec.Co, _ *exec.Future[int]) error { return co.Yield() },
			"Await": func(co *exec.Co, done *exec.Future[int]) error { return second(done.Await(co)) },
			"Select": func(co *exec.Co, done *exec.Future[int]) error {
				return second(exec.Select(co, done))
			},
		} {
			for _, how := range []string{"cancelled", "out of time"} {
				limit := time.Hour
				if how == "out of time" {
					limit = time.Millisecond
				}
				j := h.waiting(func(co *exec.Co) error {
					p := exec.NewPromise[int](co.Local())
					p.Complete(1)
					return co.Within(limit, func() error {
						for {
							_ = f(co, p.Future())
						}
					})
				})
				if how == "cancelled" {
					h.do(func(*exec.Local) { j.Abort() })
				}
				require.ErrorContains(t, h.ended(j), "tried to wait 1048576 times in vain", "%s, %s", name, how)
			}
		}
	})
}
