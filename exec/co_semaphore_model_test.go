package exec_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// semaphoreModel is what a Semaphore does, in a few lines: those who wait stand in line,
// and permits go to the first in it.
type semaphoreModel struct {
	t    testing.TB
	s    *exec.Semaphore
	free int
	line []*asking
}

// asking is one request.
type asking struct {
	n      int
	served bool
}

func (m *semaphoreModel) serve() {
	for len(m.line) > 0 && m.line[0].n <= m.free {
		m.free -= m.line[0].n
		m.line[0].served = true
		m.line = m.line[1:]
	}
}

func (m *semaphoreModel) ask(a *asking) { m.line = append(m.line, a); m.serve() }

func (m *semaphoreModel) release(n int) {
	m.s.Release(n)
	m.free += n
	m.serve()
	m.check()
}

func (m *semaphoreModel) giveUp(a *asking) {
	if i := slices.Index(m.line, a); i >= 0 {
		m.line = slices.Delete(m.line, i, i+1)
		m.serve()
	}
}

func (m *semaphoreModel) check() { require.Equal(m.t, m.free, m.s.Free()) }

// The Semaphore does what its model does, for any order of requests, releases and aborts:
// no permit is lost, and nobody overtakes.
func TestSemaphoreModel(t *testing.T) {
	for seed := range uint64(sized(20, 200, 2000)) {
		for _, started := range []bool{false, true} {
			if started && seed%10 != 0 {
				continue
			}
			modelSemaphore(t, seed, started)
			if t.Failed() {
				t.Fatalf("seed %d, started %v", seed, started)
			}
		}
	}
}

func modelSemaphore(t *testing.T, seed uint64, started bool) {
	rng := rand.New(rand.NewPCG(seed, 3))
	h := newHost(t, exec.Config{}, started)
	size := 1 + rng.IntN(5)
	m := &semaphoreModel{t: t, free: size}
	h.do(func(l *exec.Local) { m.s = exec.NewSemaphore(l, size) })
	type client struct {
		j *exec.Join[none]
		a *asking
	}
	var clients []*client
	served := 0
	ask := func(l *exec.Local, n, how, hold int) {
		c := &client{a: &asking{n: n}}
		clients = append(clients, c)
		c.j = spawn(l, func(co *exec.Co) (err error) {
			m.ask(c.a)
			switch how {
			case 0:
				err = m.s.Acquire(co, n)
			case 1:
				_, err = exec.Select(co, m.s.Acquiring(n))
			case 2:
				_, err = exec.Select(co, exec.Elapsed(time.Hour), m.s.Acquiring(n))
			case 3:
				err = co.Within(time.Hour, func() error { return m.s.Acquire(co, n) })
			}
			m.check()
			require.Equal(t, c.a.served, err == nil)
			if err != nil {
				return nil
			}
			served++
			for range hold {
				_ = co.Yield()
			}
			m.release(n)
			return nil
		})
	}
	for range 60 {
		h.do(func(l *exec.Local) {
			for range 1 + rng.IntN(3) {
				switch n := rng.IntN(size + 1); rng.IntN(5) {
				case 0:
					if len(clients) > 0 {
						c := clients[rng.IntN(len(clients))]
						c.j.Abort()
						m.giveUp(c.a)
					}
				case 1:
					took := m.s.TryAcquire(n)
					require.Equal(t, len(m.line) == 0 && n <= m.free, took)
					if took {
						m.free -= n
						l.After(time.Duration(rng.IntN(100))*time.Microsecond, exec.Func(func(*exec.Local) { m.release(n) }))
					}
				default:
					ask(l, n, rng.IntN(4), rng.IntN(4))
				}
				m.check()
			}
		})
	}
	h.until("all have ended, and all permits are back", func() bool { return h.idle() && m.s.Free() == size })
	require.Positive(t, served)
	require.Zero(t, h.x.Stats().TasksFailed)
}
