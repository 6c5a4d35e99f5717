package exec_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// What a coroutine does over and over allocates nothing, in Step and on a thread.
func TestNoAllocationsInCoroutines(t *testing.T) {
	if raced {
		t.Skip("the race detector allocates")
	}
	if identityAllocates() {
		t.Skip("telling goroutines apart allocates here")
	}
	for name, prepare := range map[string]func(l *exec.Local) func(co *exec.Co) error{
		"Yield":    func(*exec.Local) func(co *exec.Co) error { return (*exec.Co).Yield },
		"Sleep(0)": func(*exec.Local) func(co *exec.Co) error { return func(co *exec.Co) error { return co.Sleep(0) } },
		"Sleep":    func(*exec.Local) func(co *exec.Co) error { return func(co *exec.Co) error { return co.Sleep(1) } },
		"Park, woken before": func(*exec.Local) func(co *exec.Co) error {
			return func(co *exec.Co) error { co.LocalWaker().Wake(); return co.Park() }
		},
		"Park, woken by a task": func(l *exec.Local) func(co *exec.Co) error {
			w := &waking{}
			return func(co *exec.Co) error {
				w.w = co.LocalWaker()
				l.Spawn(w)
				return co.Park()
			}
		},
		"Semaphore": func(l *exec.Local) func(co *exec.Co) error {
			s := exec.NewSemaphore(l, 1)
			return func(co *exec.Co) error { return held(s.Acquire(co, 1), func() { s.Release(1) }) }
		},
		"Semaphore, contended": func(l *exec.Local) func(co *exec.Co) error {
			s := exec.NewSemaphore(l, 1)
			other(l, func(co *exec.Co) error {
				if err := s.Acquire(co, 1); err != nil {
					return err
				}
				err := co.Yield()
				s.Release(1)
				return err
			})
			return func(co *exec.Co) error { return held(s.Acquire(co, 1), func() { s.Release(1) }) }
		},
		"Mutex": func(l *exec.Local) func(co *exec.Co) error {
			m := exec.NewMutex(l)
			return func(co *exec.Co) error { return held(m.Lock(co), m.Unlock) }
		},
		"Queue": func(l *exec.Local) func(co *exec.Co) error {
			q := exec.NewQueue[int](l, 1)
			return func(co *exec.Co) error { _ = q.Send(co, 1); return second(q.Receive(co)) }
		},
		"Queue, of another": func(l *exec.Local) func(co *exec.Co) error {
			q := exec.NewQueue[int](l, 4)
			other(l, func(co *exec.Co) error { return q.Send(co, 1) })
			return func(co *exec.Co) error { return second(q.Receive(co)) }
		},
		"Future, complete": func(l *exec.Local) func(co *exec.Co) error {
			p := exec.NewPromise[int](l)
			p.Complete(1)
			return func(co *exec.Co) error { return second(p.Future().Await(co)) }
		},
		"Broadcast": func(l *exec.Local) func(co *exec.Co) error {
			b := exec.NewBroadcast[int](l, 4)
			s := b.Subscribe()
			other(l, func(co *exec.Co) error { b.Send(1); return co.Yield() })
			return func(co *exec.Co) error { return second(s.Receive(co)) }
		},
		"Select, prepared": func(l *exec.Local) func(co *exec.Co) error {
			q := exec.NewQueue[int](l, 4)
			var v int
			other(l, func(co *exec.Co) error { return q.Send(co, 1) })
			cases := []exec.Case{q.Receiving(&v), exec.Elapsed(time.Hour)}
			return func(co *exec.Co) error { return second(exec.Select(co, cases...)) }
		},
		"Waker": func(*exec.Local) func(co *exec.Co) error {
			var w *exec.Waker
			return func(co *exec.Co) error {
				if w == nil {
					w = co.Waker()
				}
				w.Wake()
				return co.Park()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Run("step", func(t *testing.T) {
				x := stepped(t, exec.Config{})
				n := 0
				inOneStep(t, x, func(l *exec.Local) { over(l, &n, prepare(l)) })
				for range 100 {
					x.Step()
				}
				before := n
				idle := stepped(t, exec.Config{})
				empty := testing.AllocsPerRun(200, func() { idle.Step() })
				require.Equal(t, empty, testing.AllocsPerRun(200, func() { x.Step() }))
				require.Greater(t, n, before+50)
			})
			t.Run("thread", func(t *testing.T) {
				x := begin(t, exec.Config{StallAfter: -1})
				done := make(chan float64, 1)
				onLoop(t, x, func(l *exec.Local) {
					f := prepare(l)
					spawn(l, func(co *exec.Co) error {
						for range 100 {
							_ = f(co)
						}
						done <- testing.AllocsPerRun(300, func() { _ = f(co) })
						return nil
					})
				})
				require.Zero(t, <-done)
			})
		})
	}
}

// waking is a prepared task that wakes a coroutine.
type waking struct{ w exec.LocalWaker }

func (w *waking) Run(*exec.Local) { w.w.Wake() }

// held gives back what was got without an error.
func held(err error, release func()) error {
	if err == nil {
		release()
	}
	return err
}

// other runs f over and over in a coroutine of its own.
func other(l *exec.Local, f func(co *exec.Co) error) { over(l, new(int), f) }

func over(l *exec.Local, n *int, f func(co *exec.Co) error) {
	spawn(l, func(co *exec.Co) error {
		for {
			if err := f(co); err != nil {
				return err
			}
			*n++
		}
	})
}
