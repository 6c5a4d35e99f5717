package exec_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// On a clock of the test's, the slice is exact: from the beginning of the turn.
func TestShouldYieldByTheClock(t *testing.T) {
	now := time.Hour // no clock need begin at zero
	x := stepped(t, exec.Config{Slice: time.Millisecond, Clock: func() time.Duration { return now }, OnStart: func(l *exec.Local) error {
		require.False(t, l.ShouldYield(), "in OnStart")
		return nil
	}})
	for range 3 {
		inOneStep(t, x, func(l *exec.Local) {
			require.False(t, l.ShouldYield())
			now += time.Millisecond - 1
			require.False(t, l.ShouldYield())
			now++
			require.True(t, l.ShouldYield())
			require.True(t, l.ShouldYield())
			l.Spawn(exec.Func(func(l *exec.Local) { require.True(t, l.ShouldYield(), "the turn is the same") }))
		})
		now += time.Second // between turns
	}
}

// On the real clock: never before the slice has passed, and then at some time.
func TestShouldYield(t *testing.T) {
	const slice = time.Millisecond
	for name, run := range map[string]func(t *testing.T, f func(l *exec.Local), cfg exec.Config){
		"stepped": func(t *testing.T, f func(l *exec.Local), cfg exec.Config) {
			x := stepped(t, cfg)
			for range 3 {
				inOneStep(t, x, f)
				time.Sleep(2 * slice) // between turns
			}
		},
		"threaded": func(t *testing.T, f func(l *exec.Local), cfg exec.Config) {
			x := begin(t, cfg)
			for range 3 {
				onLoop(t, x, f)
				time.Sleep(2 * slice)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func(l *exec.Local) {
				for start := time.Now(); !l.ShouldYield(); {
					require.Less(t, time.Since(start), 10*time.Second)
				}
			}, exec.Config{Slice: slice, Spin: -1})
			// A slice that nothing here uses up: false, from the first turn on.
			run(t, func(l *exec.Local) { require.False(t, l.ShouldYield()) }, exec.Config{Slice: time.Hour, OnStart: func(l *exec.Local) error {
				require.False(t, l.ShouldYield())
				return nil
			}})
		})
	}
}

// The time between two Steps is not the turn's. (A machine that is slow enough may use up
// any slice in a turn, but not every time.)
func TestShouldYieldCountsNoTimeBetweenSteps(t *testing.T) {
	const slice = 5 * time.Millisecond
	x := stepped(t, exec.Config{Slice: slice})
	for range 100 {
		x.Step()
		time.Sleep(2 * slice)
		fresh := false
		inOneStep(t, x, func(l *exec.Local) { fresh = !l.ShouldYield() })
		if fresh {
			return
		}
	}
	t.Fatal("the slice was used up before every turn")
}

func TestSliceMustBePositive(t *testing.T) {
	_, err := exec.New(exec.Config{Slice: -1})
	require.EqualError(t, err, "exec: Config.Slice is -1ns: it must be positive, or 0 for the default of 500µs")
}

// A long computation that asks ShouldYield lets others have their turns.
func TestShouldYieldLetsOthersIn(t *testing.T) {
	x := begin(t, exec.Config{Slice: 50 * time.Microsecond})
	done := false // x's own
	_, err := exec.CallGo(patience(t), x, func(co *exec.Co) (int, error) {
		go x.TrySend(exec.Func(func(*exec.Local) { done = true }))
		for !done {
			if co.Local().ShouldYield() {
				require.NoError(t, co.Yield())
			}
		}
		return 0, nil
	})
	require.NoError(t, err)
}

// awaits are things that are there already, so that no await of them need wait.
var awaits = map[string]func(t *testing.T, l *exec.Local, m *exec.Mailbox[int]) func(co *exec.Co) error{
	"Future": func(_ *testing.T, l *exec.Local, _ *exec.Mailbox[int]) func(co *exec.Co) error {
		p := exec.NewPromise[int](l)
		p.Complete(1)
		return func(co *exec.Co) error { _, err := p.Future().Await(co); return err }
	},
	"Select": func(_ *testing.T, l *exec.Local, _ *exec.Mailbox[int]) func(co *exec.Co) error {
		p := exec.NewPromise[int](l)
		p.Complete(1)
		return func(co *exec.Co) error { _, err := exec.Select(co, p.Future(), exec.Elapsed(time.Hour)); return err }
	},
	"Queue": func(_ *testing.T, l *exec.Local, _ *exec.Mailbox[int]) func(co *exec.Co) error {
		q, sends := exec.NewQueue[int](l, 1), false
		return func(co *exec.Co) (err error) {
			if sends = !sends; sends {
				return q.Send(co, 1)
			}
			_, err = q.Receive(co)
			return err
		}
	},
	"Semaphore": func(_ *testing.T, l *exec.Local, _ *exec.Mailbox[int]) func(co *exec.Co) error {
		s := exec.NewSemaphore(l, 1)
		return func(co *exec.Co) error {
			err := s.Acquire(co, 1)
			if err == nil {
				s.Release(1)
			}
			return err
		}
	},
	"Mutex": func(_ *testing.T, l *exec.Local, _ *exec.Mailbox[int]) func(co *exec.Co) error {
		m := exec.NewMutex(l)
		return func(co *exec.Co) error {
			err := m.Lock(co)
			if err == nil {
				m.Unlock()
			}
			return err
		}
	},
	"Mailbox": func(t *testing.T, _ *exec.Local, m *exec.Mailbox[int]) func(co *exec.Co) error {
		return func(co *exec.Co) error {
			m.TrySend(1)
			_, err := m.Receive(co)
			return err
		}
	},
	"Park": func(_ *testing.T, _ *exec.Local, _ *exec.Mailbox[int]) func(co *exec.Co) error {
		return func(co *exec.Co) error { co.LocalWaker().Wake(); return co.Park() }
	},
	"CallFrom": func(_ *testing.T, l *exec.Local, _ *exec.Mailbox[int]) func(co *exec.Co) error {
		return func(co *exec.Co) error { _, err := exec.CallFrom(co, l.Exec(), answer(1)); return err }
	},
}

// A coroutine that never has to wait gives way once in AwaitBudget awaits: with a budget of
// 10, a hundred awaits take ten turns, and another coroutine has as many in between.
func TestAwaitBudgetOfWhatIsThere(t *testing.T) {
	const budget, turns = 10, 7
	for name, prepare := range awaits {
		for _, limited := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				x, _ := faked(t, exec.Config{AwaitBudget: budget})
				m := newMailbox(t, x, exec.InboxConfig[int]{})
				n, others := 0, 0
				launched(t, x, func(co *exec.Co) (int, error) {
					for {
						others++
						if err := co.Yield(); err != nil {
							return 0, err
						}
					}
				})
				inOneStep(t, x, func(l *exec.Local) {
					await := prepare(t, l, m)
					_, err := exec.Go(l, func(co *exec.Co) (int, error) {
						body := func() error {
							for {
								if err := errors.Join(co.Err(), await(co)); err != nil {
									return err
								}
								n++
							}
						}
						if limited {
							return 0, co.Within(time.Hour, body)
						}
						return 0, body()
					})
					require.NoError(t, err)
				})
				before, had := n, others
				require.InDelta(t, budget, before, 1)
				for range turns {
					x.Step()
				}
				require.Equal(t, before+turns*budget, n)
				require.Equal(t, had+turns, others)
			})
		}
	}
}

// Awaits of what is there succeed also when the time is over, and give way also then.
func TestAwaitBudgetAfterATimeout(t *testing.T) {
	x, now := faked(t, exec.Config{AwaitBudget: 10})
	n, over := 0, false
	j := launched(t, x, func(co *exec.Co) (int, error) {
		p := exec.NewPromise[int](co.Local())
		p.Complete(1)
		return 0, co.Within(time.Second, func() error {
			for !over {
				if n++; n > 1000 {
					return errPlanted
				}
				if _, err := p.Future().Await(co); err != nil {
					return err
				}
			}
			return nil
		})
	})
	*now += time.Second
	for range 5 {
		x.Step()
	}
	inOneStep(t, x, func(*exec.Local) { over = true })
	settle(x)
	_, err, ended := j.Result()
	require.True(t, ended)
	require.ErrorIs(t, err, exec.ErrTimeout)
	require.Less(t, n, 1000)
}
