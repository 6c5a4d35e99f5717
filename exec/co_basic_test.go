package exec_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// Coroutines begin in the order of Go, those of a coroutine when that one waits, and take
// turns after that.
func TestCoroutinesTakeTurns(t *testing.T) {
	onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
		var order []string
		h.do(func(l *exec.Local) {
			for i := range 3 {
				spawn(l, func(co *exec.Co) error {
					for round := range 3 {
						order = append(order, fmt.Sprint(i, round))
						if i == 0 && round == 0 {
							spawn(l, func(*exec.Co) error { order = append(order, "new"); return nil })
							order = append(order, "after")
						}
						if err := co.Yield(); err != nil {
							return err
						}
					}
					return nil
				})
			}
		})
		h.until("all have ended", func() bool { return h.idle() })
		require.Equal(t, []string{"0 0", "after", "new", "1 0", "2 0", "0 1", "1 1", "2 1", "0 2", "1 2", "2 2"}, order)
	})
}

// Results and errors arrive as they were returned, however often they are asked for.
func TestResults(t *testing.T) {
	onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
		wrong := errors.New("wrong")
		var both, early *exec.Join[string]
		h.do(func(l *exec.Local) {
			var err error
			both, err = exec.Go(l, func(co *exec.Co) (string, error) {
				require.Same(t, l, co.Local())
				require.Same(t, h.x, co.Local().Exec())
				require.NoError(t, co.Err())
				require.NoError(t, co.Yield())
				return "half", wrong
			})
			require.NoError(t, err)
			early = both
			_, _, ended := early.Result()
			require.False(t, ended)
			require.False(t, early.Finished())
		})
		require.NoError(t, h.run(func(co *exec.Co) error {
			for range 2 {
				v, err := both.Await(co)
				require.Equal(t, "half", v)
				require.Same(t, wrong, err)
			}
			return nil
		}))
		v, err, ended := both.Result()
		require.Equal(t, []any{"half", wrong, true}, []any{v, err, ended})
		require.Equal(t, "coroutine of exec", both.String())
	})
}

// A Future has one value for all who wait, before and after.
func TestFutureOfMany(t *testing.T) {
	onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
		var p, failing *exec.Promise[int]
		sum := 0
		wrong := errors.New("wrong")
		h.do(func(l *exec.Local) { p, failing = exec.NewPromise[int](l), exec.NewPromise[int](l) })
		require.Same(t, p.Future(), p.Future())
		for range 5 {
			h.waiting(func(co *exec.Co) error {
				v, err := p.Future().Await(co)
				sum += v
				return err
			})
		}
		h.do(func(*exec.Local) {
			require.False(t, p.Future().Done())
			p.Complete(2)
			require.True(t, p.Future().Done())
			require.False(t, p.TryComplete(3, nil))
			require.PanicsWithValue(t, `exec: a Promise of Exec "exec" was completed twice: TryComplete is for those who cannot know`, func() { p.Complete(4) })
			require.Panics(t, func() { p.Fail(wrong) })
			require.True(t, failing.TryComplete(5, wrong))
		})
		h.until("all have it", func() bool { return h.idle() })
		require.Equal(t, 10, sum)
		require.NoError(t, h.run(func(co *exec.Co) error {
			v, err := p.Future().Await(co)
			require.Equal(t, 2, v)
			require.NoError(t, err)
			v, err = failing.Future().Await(co)
			require.Equal(t, 5, v)
			require.Same(t, wrong, err)
			return nil
		}))
	})
}

// Next returns results in the order in which coroutines end.
func TestJoinSetOrder(t *testing.T) {
	onBoth(t, exec.Config{OnPanic: func(exec.Panic) {}}, func(t *testing.T, h *host) {
		var s *exec.JoinSet[int]
		h.do(func(l *exec.Local) {
			s = exec.NewJoinSet[int](l)
			for _, n := range []int{3, 1, 0, 2} {
				require.NoError(t, s.Go(func(co *exec.Co) (int, error) {
					for range n {
						_ = co.Yield()
					}
					if n == 2 {
						panic(n)
					}
					return n, nil
				}))
			}
			require.Equal(t, 4, s.Len())
		})
		require.NoError(t, h.run(func(co *exec.Co) error {
			for want := range 4 {
				v, ok, err := s.Next(co)
				require.True(t, ok)
				if want == 2 {
					require.ErrorAs(t, err, new(exec.Panic))
					continue
				}
				require.NoError(t, err)
				require.Equal(t, want, v)
			}
			_, ok, err := s.Next(co)
			require.False(t, ok)
			return err
		}))
		// AbortAll, and two who wait for one last result.
		var oks []bool
		h.do(func(l *exec.Local) {
			require.NoError(t, s.Go(func(co *exec.Co) (int, error) { return 0, co.Park() }))
			for range 2 {
				spawn(l, func(co *exec.Co) error {
					_, ok, err := s.Next(co)
					oks = append(oks, ok)
					if ok {
						require.ErrorIs(t, err, exec.ErrCancelled)
						return nil
					}
					return err
				})
			}
		})
		h.rounds(3)
		h.do(func(*exec.Local) { require.Empty(t, oks); s.AbortAll() })
		h.until("both were told", func() bool { return len(oks) == 2 })
		require.Equal(t, []bool{true, false}, oks)
		require.NoError(t, h.run(s.Wait))
	})
}

// Wait returns the first error, and waits for all.
func TestJoinSetWait(t *testing.T) {
	onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
		ended := 0
		require.EqualError(t, h.run(func(co *exec.Co) error {
			s := exec.NewJoinSet[int](co.Local())
			for i := range 5 {
				require.NoError(t, s.Go(func(co *exec.Co) (int, error) {
					for range i {
						_ = co.Yield()
					}
					ended++
					if i > 1 {
						return 0, fmt.Errorf("number %d", i)
					}
					return 0, nil
				}))
			}
			return s.Wait(co)
		}), "number 2")
		require.Equal(t, 5, ended)
	})
}

// Sleep is never early, and one that is over at once still gives way.
func TestSleepIsNeverEarly(t *testing.T) {
	onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
		h.do(func(l *exec.Local) {
			for _, d := range []time.Duration{1, 300 * time.Microsecond, 2 * time.Millisecond, 7 * time.Millisecond} {
				for range 5 {
					spawn(l, func(co *exec.Co) error {
						for range 3 {
							begin := l.Now()
							if err := co.Sleep(d); err != nil {
								return err
							}
							require.GreaterOrEqual(t, l.Now()-begin, d)
						}
						return nil
					})
				}
			}
		})
		h.until("all have slept", func() bool { return h.idle() })
		h.do(func(l *exec.Local) { require.Zero(t, l.Stats().TasksFailed) })
		for _, d := range []time.Duration{0, -1, -1 << 63} {
			others := 0
			require.NoError(t, h.run(func(co *exec.Co) error {
				spawn(co.Local(), func(*exec.Co) error { others++; return nil })
				require.NoError(t, co.Sleep(d))
				require.Equal(t, 1, others)
				return nil
			}))
		}
	})
}

// With a clock of its own, sleeps and limits are exact to the turn.
func TestSleepWithAFakeClock(t *testing.T) {
	x, now := faked(t, exec.Config{})
	var log []string
	say := func(what string, err error) { log = append(log, fmt.Sprint(*now, " ", what, " ", err)) }
	inOneStep(t, x, func(l *exec.Local) {
		spawn(l, func(co *exec.Co) error { say("sleep", co.Sleep(5)); return nil })
		spawn(l, func(co *exec.Co) error {
			say("outer", co.Within(7, func() error {
				say("inner", co.Within(3, func() error { return co.Sleep(100) }))
				say("longer", co.Within(50, func() error { return co.Sleep(40) }))
				return nil
			}))
			say("free", co.Sleep(1))
			say("no time", co.Within(0, co.Yield))
			say("negative", co.Within(-1, co.Yield))
			say("for ever", co.Within(1<<63-1, func() error { return co.Sleep(1) }))
			return nil
		})
	})
	for ; *now < 20; *now++ {
		settle(x)
	}
	settle(x)
	require.Equal(t, []string{
		"3ns inner exec: timeout", "5ns sleep <nil>", "7ns longer exec: timeout", "7ns outer <nil>",
		"8ns free <nil>", "8ns no time exec: timeout", "8ns negative exec: timeout", "9ns for ever <nil>",
	}, log)
	_, next := x.Step()
	require.Equal(t, exec.Never, next, "no timer is left")
}
