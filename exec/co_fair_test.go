package exec_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// busyBodies are coroutines that never have to wait, and never end by themselves.
var busyBodies = map[string]func(co *exec.Co) error{
	"Yield":    func(co *exec.Co) error { return loopOf(co.Yield) },
	"Sleep(0)": func(co *exec.Co) error { return loopOf(func() error { return co.Sleep(0) }) },
	"Future.Await": func(co *exec.Co) error {
		p := exec.NewPromise[int](co.Local())
		p.Complete(1)
		return loopOf(func() error { return second(p.Future().Await(co)) })
	},
	"Semaphore": func(co *exec.Co) error {
		s := exec.NewSemaphore(co.Local(), 1)
		return loopOf(func() error {
			err := s.Acquire(co, 1)
			if err == nil {
				s.Release(1)
			}
			return err
		})
	},
	"Mutex": func(co *exec.Co) error {
		m := exec.NewMutex(co.Local())
		return loopOf(func() error {
			err := m.Lock(co)
			if err == nil {
				m.Unlock()
			}
			return err
		})
	},
	"Queue": func(co *exec.Co) error {
		q := exec.NewQueue[int](co.Local(), 1)
		return loopOf(func() error {
			if err := q.Send(co, 1); err != nil {
				return err
			}
			return second(q.Receive(co))
		})
	},
	"Broadcast": func(co *exec.Co) error {
		b := exec.NewBroadcast[int](co.Local(), 1)
		s := b.Subscribe()
		return loopOf(func() error { b.Send(1); return second(s.Receive(co)) })
	},
	"Park": func(co *exec.Co) error {
		w := co.LocalWaker()
		return loopOf(func() error { w.Wake(); return co.Park() })
	},
	"Select": func(co *exec.Co) error {
		p := exec.NewPromise[int](co.Local())
		p.Complete(1)
		return loopOf(func() error { return second(exec.Select(co, exec.Elapsed(time.Hour), p.Future())) })
	},
	"JoinSet": func(co *exec.Co) error {
		s := exec.NewJoinSet[int](co.Local())
		return loopOf(func() error {
			for range 300 {
				if err := s.Go(func(*exec.Co) (int, error) { return 0, nil }); err != nil {
					return err
				}
			}
			return s.Wait(co)
		})
	},
}

func loopOf(f func() error) error {
	for {
		if err := f(); err != nil {
			return err
		}
	}
}

// A coroutine that is never without something to do starves nothing: tasks, inboxes,
// timers, sources and other coroutines have their turns, and it can be aborted.
func TestBusyCoroutinesStarveNobody(t *testing.T) {
	for name, busy := range busyBodies {
		t.Run(name, func(t *testing.T) {
			onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
				items := 0
				in, err := exec.NewInbox(h.x, exec.InboxConfig[int]{Handle: func(_ *exec.Local, batch []int) int {
					items += len(batch)
					return len(batch)
				}})
				if h.started {
					require.Error(t, err, "inboxes are made before Start")
				} else {
					require.NoError(t, err)
				}
				var j *exec.Join[none]
				h.do(func(l *exec.Local) {
					for range 2 {
						j = spawn(l, busy)
					}
				})
				h.rounds(3)
				ran := map[string]bool{}
				if h.started {
					ran["inbox"] = true
				} else {
					require.True(t, in.TrySend(1))
				}
				require.True(t, h.x.TrySend(exec.Func(func(l *exec.Local) {
					ran["task"] = true
					l.Spawn(exec.Func(func(*exec.Local) { ran["spawned"] = true }))
					l.After(0, exec.Func(func(*exec.Local) { ran["timer"] = true }))
					l.AddSource(pollFunc(func() { ran["source"] = true }))
					spawn(l, func(*exec.Co) error { ran["coroutine"] = true; return nil })
					w := exec.NewWaker(l, exec.Func(func(*exec.Local) { ran["waker"] = true }))
					w.Wake()
				})))
				h.until("all had their turn", func() bool { return len(ran)+min(items, 1) == 7 })
				h.do(func(*exec.Local) { j.Abort() })
				require.ErrorIs(t, h.ended(j), exec.ErrCancelled)
			})
		})
	}
}

// The rule in numbers: one round of coroutines a turn, and LocalBudget of them at most,
// each with AwaitBudget awaits that did not wait.
func TestOneRoundPerTurn(t *testing.T) {
	x := stepped(t, exec.Config{LocalBudget: 10, AwaitBudget: 5})
	var ran [25]int
	inOneStep(t, x, func(l *exec.Local) {
		for i := range ran {
			spawn(l, func(co *exec.Co) error {
				for {
					ran[i]++
					if err := co.Yield(); err != nil {
						return err
					}
				}
			})
		}
	})
	total := func() (n int) {
		for _, r := range ran {
			n += r
		}
		return n
	}
	for turn := 1; turn <= 10; turn++ {
		require.Equal(t, 10*turn, total())
		x.Step()
	}
	for i := range ran { // 110 in 25
		require.InDelta(t, 4.4, ran[i], 0.7, "coroutine %d", i)
	}

	y := stepped(t, exec.Config{LocalBudget: 10, AwaitBudget: 5})
	awaits := 0
	inOneStep(t, y, func(l *exec.Local) {
		spawn(l, func(co *exec.Co) error {
			s := exec.NewSemaphore(l, 1<<20)
			for {
				awaits++
				if err := s.Acquire(co, 1); err != nil {
					return err
				}
			}
		})
	})
	for turn := 1; turn <= 10; turn++ {
		require.InDelta(t, 5*turn, awaits, 1)
		y.Step()
	}
}

// Tasks that re-post themselves, a full inbox and timers that are always due do not keep
// coroutines from running.
func TestCoroutinesAreNotStarved(t *testing.T) {
	x := stepped(t, exec.Config{LocalBudget: 10, Burst: 10})
	rounds := 0
	inOneStep(t, x, func(l *exec.Local) {
		for range 20 {
			l.Spawn(&endless)
		}
		var again exec.Func
		again = func(l *exec.Local) { l.After(0, again) }
		for range 100 {
			l.After(0, again)
		}
		spawn(l, func(co *exec.Co) error {
			for co.Yield() == nil {
				rounds++
			}
			return nil
		})
	})
	for turn := range 50 {
		for x.TrySend(nop{}) {
		}
		require.Equal(t, turn, rounds, fmt.Sprintf("turn %d", turn))
		x.Step()
	}
}
