package exec_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// A Queue against a plain slice, with senders and receivers that come, wait, give up, and
// are served, in any order: values leave in the order in which they came, none twice, none
// lost, and never more than fit.
func TestQueueModel(t *testing.T) {
	for seed := range uint64(sized(20, 100, 1000)) {
		for _, started := range []bool{false, true} {
			if started && seed%10 != 0 {
				continue
			}
			modelQueue(t, seed, started)
			if t.Failed() {
				t.Fatalf("seed %d, started %v", seed, started)
			}
		}
	}
}

// queueModel is what a Queue has to hold. Every change of it is made together with the
// Queue's, at the point where the Queue's takes effect.
type queueModel struct {
	t      testing.TB
	q      *exec.Queue[int]
	next   int
	sent   []int // accepted, in order
	taken  []int // received, in order
	failed []int // refused: may never be received
}

func (m *queueModel) value() int { m.next++; return m.next }

func (m *queueModel) outcome(v int, err error) {
	if err == nil {
		m.sent = append(m.sent, v)
	} else {
		m.failed = append(m.failed, v)
	}
}

func (m *queueModel) check() {
	require.Equal(m.t, len(m.sent)-len(m.taken), m.q.Len(), "what is in it")
	require.LessOrEqual(m.t, m.q.Len(), m.q.Cap())
	require.True(m.t, slices.Equal(m.sent[:len(m.taken)], m.taken), "in order: %v, %v", m.sent, m.taken)
}

func modelQueue(t *testing.T, seed uint64, started bool) {
	rng := rand.New(rand.NewPCG(seed, 2))
	h := newHost(t, exec.Config{}, started)
	m := &queueModel{t: t}
	var js []*exec.Join[none]
	h.do(func(l *exec.Local) { m.q = exec.NewQueue[int](l, 1+rng.IntN(4)) })
	pause := func(co *exec.Co) {
		for range rng.IntN(3) {
			_ = co.Yield()
		}
	}
	ops := []func(l *exec.Local){
		func(l *exec.Local) { // a sender of several
			n, how := 1+rng.IntN(5), rng.IntN(3)
			js = append(js, spawn(l, func(co *exec.Co) error {
				for range n {
					v := m.value()
					var err error
					switch how {
					case 0:
						err = m.q.Send(co, v)
					case 1:
						_, err = exec.Select(co, m.q.Sending(v))
					case 2:
						err = co.Within(time.Duration(rng.IntN(200))*time.Microsecond, func() error { return m.q.Send(co, v) })
					}
					m.outcome(v, err)
					m.check()
					pause(co)
				}
				return nil
			}))
		},
		func(l *exec.Local) { // a receiver of several
			n, how := 1+rng.IntN(5), rng.IntN(3)
			js = append(js, spawn(l, func(co *exec.Co) error {
				for range n {
					var v int
					var err error
					switch how {
					case 0:
						v, err = m.q.Receive(co)
					case 1:
						_, err = exec.Select(co, m.q.Receiving(&v))
					case 2:
						var i int
						if i, err = exec.Select(co, m.q.Receiving(&v), exec.Elapsed(time.Duration(rng.IntN(200))*time.Microsecond)); i == 1 {
							err = exec.ErrTimeout
						}
					}
					if err == nil {
						m.taken = append(m.taken, v)
					}
					m.check()
					pause(co)
				}
				return nil
			}))
		},
		func(*exec.Local) {
			v := m.value()
			if m.q.TrySend(v) {
				m.outcome(v, nil)
			}
		},
		func(*exec.Local) {
			if v, ok := m.q.TryReceive(); ok {
				m.taken = append(m.taken, v)
			}
		},
		func(*exec.Local) { // somebody gives up
			if len(js) > 0 {
				js[rng.IntN(len(js))].Abort()
			}
		},
	}
	for range 60 {
		h.do(func(l *exec.Local) {
			for range 1 + rng.IntN(4) {
				ops[rng.IntN(len(ops))](l)
				m.check()
			}
		})
	}
	// Closed, it gives out the rest and sends all others away.
	h.do(func(*exec.Local) { m.q.Close(); m.check() })
	rest := false
	h.do(func(l *exec.Local) {
		spawn(l, func(co *exec.Co) error {
			for {
				v, err := m.q.Receive(co)
				if errors.Is(err, exec.ErrClosed) {
					rest = true
					return m.q.Send(co, 0)
				}
				require.NoError(t, err)
				m.taken = append(m.taken, v)
			}
		})
	})
	h.until("all have ended", func() bool { return h.idle() })
	require.True(t, rest)
	require.Equal(t, m.sent, m.taken)
	for _, v := range m.failed {
		require.NotContains(t, m.taken, v)
	}
	require.Zero(t, h.x.Stats().TasksFailed)
}

// A closed Queue refuses senders, those who wait as well, and lets receivers have the rest.
func TestQueueClose(t *testing.T) {
	onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
		var q *exec.Queue[int]
		h.do(func(l *exec.Local) {
			q = exec.NewQueue[int](l, 1)
			require.True(t, q.TrySend(1))
			require.False(t, q.TrySend(2))
			require.Equal(t, []int{1, 1}, []int{q.Len(), q.Cap()})
		})
		sender := h.waiting(func(co *exec.Co) error { return q.Send(co, 3) })
		chooser := h.waiting(func(co *exec.Co) error {
			i, err := exec.Select(co, exec.Elapsed(time.Hour), q.Sending(4))
			require.Equal(t, 1, i)
			return err
		})
		h.do(func(*exec.Local) { q.Close(); q.Close() })
		require.ErrorIs(t, h.ended(sender), exec.ErrClosed)
		require.ErrorIs(t, h.ended(chooser), exec.ErrClosed)
		require.NoError(t, h.run(func(co *exec.Co) error {
			var v int
			require.ErrorIs(t, q.Send(co, 5), exec.ErrClosed)
			i, err := exec.Select(co, q.Sending(6))
			require.Zero(t, i)
			require.ErrorIs(t, err, exec.ErrClosed)
			v, err = q.Receive(co)
			require.Equal(t, 1, v)
			require.NoError(t, err)
			_, err = q.Receive(co)
			require.ErrorIs(t, err, exec.ErrClosed)
			i, err = exec.Select(co, exec.Elapsed(time.Hour), q.Receiving(&v))
			require.Equal(t, 1, i)
			require.ErrorIs(t, err, exec.ErrClosed)
			return nil
		}))
		// Those who wait for values, and one whose room was granted before the end.
		var p *exec.Queue[int]
		h.do(func(l *exec.Local) { p = exec.NewQueue[int](l, 1) })
		var got []int
		receive := func(co *exec.Co) error {
			v, err := p.Receive(co)
			if err == nil {
				got = append(got, v)
			}
			return err
		}
		h.do(func(*exec.Local) { p.TrySend(1) })
		granted := h.waiting(func(co *exec.Co) error { return p.Send(co, 2) })
		h.do(func(l *exec.Local) {
			_, ok := p.TryReceive()
			require.True(t, ok)
			p.Close()
			require.Zero(t, p.Len())
		})
		one := h.waiting(receive)
		require.NoError(t, h.ended(granted))
		require.NoError(t, h.ended(one))
		require.ErrorIs(t, h.run(receive), exec.ErrClosed)
		require.Equal(t, []int{2}, got)
	})
}
