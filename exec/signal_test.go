package exec_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// Those who wait for a Signal are woken in the order in which they came, one by one or all.
func TestSignal(t *testing.T) {
	x := stepped(t, exec.Config{})
	var s exec.Signal
	var woken []int
	inOneStep(t, x, func(l *exec.Local) {
		s.Init(l)
		require.False(t, s.Waited())
		require.False(t, s.Wake(), "it is not kept for those who come later")
		s.WakeAll()
		for i := range 5 {
			require.NoError(t, l.Go(func(co *exec.Co) {
				require.NoError(t, s.Wait(co))
				woken = append(woken, i)
			}))
		}
	})
	settle(x)
	require.Empty(t, woken)
	inOneStep(t, x, func(*exec.Local) {
		require.True(t, s.Waited())
		require.True(t, s.Wake())
		require.True(t, s.Wake())
		require.Empty(t, woken, "they go on later")
	})
	settle(x)
	require.Equal(t, []int{0, 1}, woken)
	inOneStep(t, x, func(*exec.Local) {
		s.WakeAll()
		require.False(t, s.Waited())
	})
	settle(x)
	require.Equal(t, []int{0, 1, 2, 3, 4}, woken)
}

// A wait for a limited time ends with the Signal or with the time, whichever is first.
func TestSignalWaitFor(t *testing.T) {
	now := time.Duration(0)
	x := stepped(t, exec.Config{Clock: func() time.Duration { return now }})
	var s exec.Signal
	errs := map[string]error{}
	wait := func(name string, d time.Duration) {
		inOneStep(t, x, func(l *exec.Local) {
			s.Init(l)
			require.NoError(t, l.Go(func(co *exec.Co) { errs[name] = s.WaitFor(co, d) }))
		})
		settle(x)
	}
	wait("zero", 0)
	wait("negative", -time.Second)
	require.Equal(t, map[string]error{"zero": exec.ErrTimeout, "negative": exec.ErrTimeout}, errs)
	wait("woken", time.Minute)
	now += 59 * time.Second
	settle(x)
	require.NotContains(t, errs, "woken")
	inOneStep(t, x, func(*exec.Local) { require.True(t, s.Wake()) })
	settle(x)
	require.NoError(t, errs["woken"])
	now += time.Hour
	settle(x)
	wait("late", time.Minute)
	now += time.Minute + time.Second
	settle(x)
	require.Equal(t, exec.ErrTimeout, errs["late"])
	require.False(t, s.Waited(), "it has left")

	// The Sleep after a WaitFor does not end with its error.
	inOneStep(t, x, func(l *exec.Local) {
		require.NoError(t, l.Go(func(co *exec.Co) {
			errs["first"] = s.WaitFor(co, time.Second)
			errs["then"] = co.Sleep(time.Second)
		}))
	})
	for range 2 {
		settle(x)
		now += 2 * time.Second
	}
	settle(x)
	require.Equal(t, exec.ErrTimeout, errs["first"])
	require.NoError(t, errs["then"])
	require.Contains(t, errs, "then")
}

// A wait ends when the coroutine is cancelled, when a Within is over, and when the timers
// are all armed; on another Exec it does not begin.
func TestSignalEndsEarly(t *testing.T) {
	now := time.Duration(0)
	clock := func() time.Duration { return now }
	x := stepped(t, exec.Config{Clock: clock, MaxTimers: 2})
	var s exec.Signal
	errs := map[string]error{}
	var j *exec.Join[int]
	inOneStep(t, x, func(l *exec.Local) {
		s.Init(l)
		var err error
		j, err = exec.Go(l, func(co *exec.Co) (int, error) {
			errs["cancelled"] = s.Wait(co)
			errs["after"] = s.Wait(co)
			errs["after, for"] = s.WaitFor(co, time.Hour)
			return 0, nil
		})
		require.NoError(t, err)
		require.NoError(t, l.Go(func(co *exec.Co) {
			errs["within"] = co.Within(time.Second, func() error { return s.Wait(co) })
		}))
	})
	settle(x)
	inOneStep(t, x, func(*exec.Local) { j.Abort() })
	settle(x)
	for _, name := range []string{"cancelled", "after", "after, for"} {
		require.ErrorIs(t, errs[name], exec.ErrCancelled, name)
	}
	now += 2 * time.Second
	settle(x)
	require.Equal(t, exec.ErrTimeout, errs["within"])
	inOneStep(t, x, func(l *exec.Local) {
		require.False(t, s.Waited())
		for range 2 {
			_, ok := l.After(time.Hour, nop{})
			require.True(t, ok)
		}
		require.NoError(t, l.Go(func(co *exec.Co) { errs["timers"] = s.WaitFor(co, time.Second) }))
	})
	settle(x)
	require.ErrorIs(t, errs["timers"], exec.ErrTooMany)
	require.False(t, s.Waited())

	other := stepped(t, exec.Config{})
	inOneStep(t, other, func(l *exec.Local) {
		require.NoError(t, l.Go(func(co *exec.Co) {
			errs["foreign"], errs["foreign, for"] = s.Wait(co), s.WaitFor(co, time.Second)
		}))
	})
	settle(other)
	require.Equal(t, exec.ErrForeign, errs["foreign"])
	require.Equal(t, exec.ErrForeign, errs["foreign, for"])
}

// On a thread: a condition that another coroutine makes true, again and again.
func TestSignalOnAThread(t *testing.T) {
	watchdog(t, time.Minute)
	x := begin(t, exec.Config{Spin: -1})
	const n = 2000
	var s exec.Signal
	made, taken := 0, 0
	done := make(chan struct{})
	require.True(t, x.TrySend(exec.Func(func(l *exec.Local) {
		s.Init(l)
		for range 4 {
			require.NoError(t, l.Go(func(co *exec.Co) {
				for taken < n {
					if made == taken {
						if s.Wait(co) != nil {
							return
						}
						continue // another one may have been there first
					}
					if taken++; taken == n {
						close(done)
						s.WakeAll()
					}
				}
			}))
		}
		require.NoError(t, l.Go(func(co *exec.Co) {
			for made < n {
				made++
				s.Wake()
				if co.Yield() != nil {
					return
				}
			}
		}))
	})))
	<-done
	drain(t, x)
	require.Equal(t, n, taken)
}
