package exec_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// Who asks for many permits is not overtaken by who asks for few, and when it gives up
// those behind it are let through.
func TestSemaphoreIsFirstComeFirstServed(t *testing.T) {
	for _, end := range []string{"served", "aborted", "timed out"} {
		t.Run(end, func(t *testing.T) {
			onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
				var s *exec.Semaphore
				var order []string
				var many *exec.Join[none]
				acquire := func(co *exec.Co, name string, n int) error {
					err := s.Acquire(co, n)
					if err == nil {
						order = append(order, name)
					}
					return err
				}
				h.do(func(l *exec.Local) {
					s = exec.NewSemaphore(l, 3)
					require.True(t, s.TryAcquire(2))
					many = spawn(l, func(co *exec.Co) error {
						if end == "timed out" {
							return co.Within(20*time.Millisecond, func() error { return acquire(co, "many", 3) })
						}
						return acquire(co, "many", 3)
					})
					for _, name := range []string{"few", "fewer"} {
						spawn(l, func(co *exec.Co) error { return acquire(co, name, 1) })
					}
				})
				h.rounds(2)
				h.do(func(*exec.Local) {
					require.Empty(t, order, "nobody overtakes")
					require.False(t, s.TryAcquire(1), "neither does a task")
				})
				switch end {
				case "served":
					h.do(func(*exec.Local) { s.Release(2) })
					require.NoError(t, h.ended(many))
					h.do(func(*exec.Local) {
						require.Equal(t, []string{"many"}, order)
						s.Release(1)
					})
					h.until("the next", func() bool { return len(order) == 2 })
					h.do(func(*exec.Local) { s.Release(2) })
					h.until("all were served", func() bool { return len(order) == 3 })
					require.Equal(t, []string{"many", "few", "fewer"}, order)
					h.do(func(*exec.Local) { s.Release(2) })
				case "aborted":
					h.do(func(*exec.Local) { many.Abort() })
					require.ErrorIs(t, h.ended(many), exec.ErrCancelled)
					h.until("the one behind", func() bool { return len(order) == 1 })
					h.do(func(*exec.Local) { s.Release(2) })
				case "timed out":
					require.ErrorIs(t, h.ended(many), exec.ErrTimeout)
					h.until("the one behind", func() bool { return len(order) == 1 })
					h.do(func(*exec.Local) { s.Release(2) })
				}
				if end != "served" {
					h.until("all were served", func() bool { return len(order) == 2 })
					require.Equal(t, []string{"few", "fewer"}, order)
					h.do(func(*exec.Local) { s.Release(2) })
				}
				h.do(func(*exec.Local) { require.Equal(t, 3, s.Free()) })
			})
		})
	}
}

// A coroutine that stops waiting in several places at once is served in none of them.
func TestSelectOfOneSemaphoreTwiceIsAborted(t *testing.T) {
	for _, end := range []string{"aborted", "timed out", "another case"} {
		t.Run(end, func(t *testing.T) {
			onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
				var s *exec.Semaphore
				var p *exec.Promise[int]
				var j *exec.Join[none]
				which, wakes, timeout := 0, 0, time.Hour
				if end == "timed out" {
					timeout = 10 * time.Millisecond
				}
				h.do(func(l *exec.Local) {
					s, p = exec.NewSemaphore(l, 2), exec.NewPromise[int](l)
					require.True(t, s.TryAcquire(2))
					j = spawn(l, func(co *exec.Co) error {
						return co.Within(timeout, func() (err error) {
							which, err = exec.Select(co, s.Acquiring(2), s.Acquiring(1), p.Future())
							wakes++
							return err
						})
					})
				})
				h.rounds(2)
				h.do(func(*exec.Local) { s.Release(1) }) // not enough for the first in line
				h.rounds(2)
				switch end {
				case "aborted":
					h.do(func(*exec.Local) { require.Zero(t, wakes); j.Abort() })
					require.ErrorIs(t, h.ended(j), exec.ErrCancelled)
					require.Equal(t, -1, which)
				case "timed out":
					require.ErrorIs(t, h.ended(j), exec.ErrTimeout)
					require.Equal(t, -1, which)
				case "another case":
					h.do(func(*exec.Local) { p.Complete(1) })
					require.NoError(t, h.ended(j))
					require.Equal(t, 2, which)
				}
				require.Equal(t, 1, wakes)
				h.do(func(l *exec.Local) {
					require.Equal(t, 1, s.Free())
					require.Zero(t, l.Stats().Coroutines)
				})
				require.NoError(t, h.run(func(co *exec.Co) error { return co.Yield() }), "the loop is in order")
			})
		})
	}
}

// A coroutine that waits for two Semaphores holds up others in one of them only: when it
// gives up these are served, and those that it stood behind are not.
func TestSelectOfTwoSemaphoresCrosswise(t *testing.T) {
	onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
		var a, b *exec.Semaphore
		var one, two *exec.Join[none]
		which := []int{-2, -2}
		h.do(func(l *exec.Local) {
			a, b = exec.NewSemaphore(l, 2), exec.NewSemaphore(l, 2)
			require.True(t, a.TryAcquire(2) && b.TryAcquire(2))
			wait := func(i int, cases ...exec.Case) *exec.Join[none] {
				return spawn(l, func(co *exec.Co) (err error) {
					which[i], err = exec.Select(co, cases...)
					return err
				})
			}
			two = wait(1, b.Acquiring(2))
			one = wait(0, a.Acquiring(2), b.Acquiring(1))
		})
		h.rounds(2)
		var three *exec.Join[none]
		h.do(func(l *exec.Local) {
			three = spawn(l, func(co *exec.Co) error { return a.Acquire(co, 1) })
		})
		h.rounds(2)
		h.do(func(*exec.Local) {
			a.Release(1)
			b.Release(1)
			one.Abort()
		})
		require.ErrorIs(t, h.ended(one), exec.ErrCancelled)
		require.NoError(t, h.ended(three), "who was behind it is served")
		h.do(func(*exec.Local) {
			require.Equal(t, -1, which[0])
			require.False(t, two.Finished())
			require.Equal(t, []int{0, 1}, []int{a.Free(), b.Free()})
			b.Release(1)
		})
		require.NoError(t, h.ended(two))
	})
}

// The whole bad input of a Semaphore and a Mutex.
func TestSemaphoreMisuse(t *testing.T) {
	x := stepped(t, exec.Config{OnPanic: nil})
	inOneStep(t, x, func(l *exec.Local) {
		require.PanicsWithValue(t, "exec: NewSemaphore with 0 permits: it must be at least 1", func() { exec.NewSemaphore(l, 0) })
		s := exec.NewSemaphore(l, 2)
		require.PanicsWithValue(t, "exec: 3 permits were asked of a Semaphore that has 2", func() { s.TryAcquire(3) })
		require.PanicsWithValue(t, "exec: -1 permits were asked of a Semaphore that has 2", func() { s.TryAcquire(-1) })
		require.PanicsWithValue(t, "exec: 1 permits were given back to a Semaphore, of which 0 were taken", func() { s.Release(1) })
		require.PanicsWithValue(t, "exec: -1 permits were given back to a Semaphore, of which 0 were taken", func() { s.Release(-1) })
		require.True(t, s.TryAcquire(0))
		require.Equal(t, 2, s.Free())
		m := exec.NewMutex(l)
		require.PanicsWithValue(t, "exec: Unlock of a Mutex that is not locked", m.Unlock)
		require.True(t, m.TryLock())
		require.False(t, m.TryLock())
		m.Unlock()
		spawn(l, func(co *exec.Co) error {
			require.Panics(t, func() { _ = s.Acquire(co, 3) })
			require.Panics(t, func() { _, _ = exec.Select(co, s.Acquiring(-1)) })
			require.NoError(t, m.Lock(co))
			m.Unlock()
			require.PanicsWithValue(t, "exec: Unlock of a Mutex that is not locked", m.Unlock)
			return nil
		})
	})
	settle(x)
	settled(t, 2, x.Stats())
}
