package exec_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// waits is one thing that a coroutine can wait for.
type waits struct {
	name string
	make func(t testing.TB, l *exec.Local) wait
}

// wait is what two coroutines can wait for, of which one gives up.
type wait struct {
	await func(co *exec.Co) error // what waits
	wake  func()                  // ends the wait of one of them, or of all
	all   bool                    // of all
	// spare says, after all, that nothing was lost and nobody is in a list any more.
	spare func() bool
}

func yes() bool { return true }

// everyWait is every operation that suspends a coroutine until something happens.
var everyWait = []waits{
	{"Future.Await", func(_ testing.TB, l *exec.Local) wait {
		p := exec.NewPromise[int](l)
		return wait{
			func(co *exec.Co) error { _, err := p.Future().Await(co); return err },
			func() { p.Complete(1) }, true, yes,
		}
	}},
	{"Join.Await", func(_ testing.TB, l *exec.Local) wait {
		p := exec.NewPromise[int](l)
		j := spawn(l, func(co *exec.Co) error { _, err := p.Future().Await(co); return err })
		return wait{
			func(co *exec.Co) error { _, err := j.Await(co); return err },
			func() { p.Complete(1) }, true, yes,
		}
	}},
	{"JoinSet.Next", func(t testing.TB, l *exec.Local) wait {
		s := exec.NewJoinSet[int](l)
		var ps []*exec.Promise[int]
		for range 4 {
			p := exec.NewPromise[int](l)
			ps = append(ps, p)
			require.NoError(t, s.Go(func(co *exec.Co) (int, error) { return p.Future().Await(co) }))
		}
		return wait{
			func(co *exec.Co) error { _, _, err := s.Next(co); return err },
			func() { ps[0].Complete(1); ps = ps[1:] }, false,
			func() bool { s.AbortAll(); return s.Len() == 4-2 },
		}
	}},
	{"Semaphore.Acquire", func(_ testing.TB, l *exec.Local) wait {
		s := exec.NewSemaphore(l, 3)
		s.TryAcquire(3)
		return wait{
			func(co *exec.Co) error { return s.Acquire(co, 1) },
			func() { s.Release(1) }, false, func() bool { return s.Free() == 0 && tryRelease(s) },
		}
	}},
	{"Mutex.Lock", func(_ testing.TB, l *exec.Local) wait {
		m := exec.NewMutex(l)
		m.TryLock()
		return wait{m.Lock, m.Unlock, false, func() bool { m.Unlock(); return m.TryLock() }}
	}},
	{"Queue.Receive", func(_ testing.TB, l *exec.Local) wait {
		q := exec.NewQueue[int](l, 2)
		return wait{
			func(co *exec.Co) error { _, err := q.Receive(co); return err },
			func() { q.TrySend(1) }, false,
			func() bool { return q.Len() == 0 && q.TrySend(1) && q.TrySend(1) && q.Len() == 2 },
		}
	}},
	{"Queue.Send", func(_ testing.TB, l *exec.Local) wait {
		q := exec.NewQueue[int](l, 1)
		q.TrySend(1)
		return wait{
			func(co *exec.Co) error { return q.Send(co, 2) },
			func() { q.TryReceive() }, false,
			func() bool {
				_, had := q.TryReceive()
				_, more := q.TryReceive()
				return had && !more && q.TrySend(1)
			},
		}
	}},
	{"Gate.Close", func(t testing.TB, l *exec.Local) wait {
		g := exec.NewGate(l)
		require.NoError(t, g.Enter())
		return wait{g.Close, g.Leave, true, func() bool { return g.Closed() && g.Inside() == 0 }}
	}},
	{"Subscription.Receive", func(_ testing.TB, l *exec.Local) wait {
		b := exec.NewBroadcast[int](l, 2)
		return wait{
			func(co *exec.Co) error { _, err := b.Subscribe().Receive(co); return err },
			func() { b.Send(1) }, true, yes,
		}
	}},
	{"Select", func(_ testing.TB, l *exec.Local) wait {
		p, s, m := exec.NewPromise[int](l), exec.NewSemaphore(l, 1), exec.NewMutex(l)
		in, out, b := exec.NewQueue[int](l, 1), exec.NewQueue[int](l, 1), exec.NewBroadcast[int](l, 1)
		s.TryAcquire(1)
		m.TryLock()
		out.TrySend(1)
		return wait{
			func(co *exec.Co) error {
				var v int
				_, err := exec.Select(co, p.Future(), s.Acquiring(1), m.Locking(), in.Receiving(&v),
					out.Sending(2), b.Subscribe().Receiving(&v), exec.Elapsed(time.Hour))
				return err
			},
			func() { s.Release(1) }, false,
			func() bool {
				m.Unlock() // nobody waits for any of the others any more
				_, ok := out.TryReceive()
				return m.TryLock() && ok && out.TrySend(1) && in.TrySend(1) && in.Len() == 1 && s.Free() == 0
			},
		}
	}},
}

// tryRelease gives a permit back and takes it again, which works if nobody waits.
func tryRelease(s *exec.Semaphore) bool {
	s.Release(1)
	return s.TryAcquire(1)
}

// onEveryWait runs a test for everything that can be waited for, in both ways.
func onEveryWait(t *testing.T, cfg exec.Config, f func(t *testing.T, h *host, w wait)) {
	for _, ws := range everyWait {
		t.Run(ws.name, func(t *testing.T) {
			onBoth(t, cfg, func(t *testing.T, h *host) {
				var w wait
				h.do(func(l *exec.Local) { w = ws.make(t, l) })
				f(t, h, w)
			})
		})
	}
}

// waiting starts a coroutine and returns when it waits.
func (h *host) waiting(f func(co *exec.Co) error) *exec.Join[none] {
	h.t.Helper()
	begun := false
	var j *exec.Join[none]
	h.do(func(l *exec.Local) {
		j = spawn(l, func(co *exec.Co) error { begun = true; return f(co) })
	})
	h.until("it waits", func() bool { return begun })
	return j
}
