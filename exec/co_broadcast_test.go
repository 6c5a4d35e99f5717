package exec_test

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// Each subscriber sees every value from its subscription on, in order, but for those that
// it is told it has missed.
func TestBroadcastModel(t *testing.T) {
	for seed := range uint64(sized(20, 100, 1000)) {
		rng := rand.New(rand.NewPCG(seed, 5))
		h := newHost(t, exec.Config{}, seed%10 == 0)
		capacity := 1 + rng.IntN(5)
		var b *exec.Broadcast[int]
		sent, sum := 0, 0
		var js []*exec.Join[none]
		h.do(func(l *exec.Local) { b = exec.NewBroadcast[int](l, capacity) })
		subscriber := func(co *exec.Co) error {
			s := b.Subscribe()
			next, told := sent, -1
			for {
				var v int
				var err error
				if rng.IntN(2) == 0 {
					v, err = s.Receive(co)
				} else {
					_, err = exec.Select(co, exec.Elapsed(time.Hour), s.Receiving(&v))
				}
				var missed exec.Missed
				switch {
				case errors.Is(err, exec.ErrClosed):
					require.Equal(t, sent, next, "not before the last value")
					return nil
				case errors.As(err, &missed):
					require.NotEqual(t, sent, told, "told once")
					require.Equal(t, sent-capacity, next+int(missed), "the oldest that is left comes next")
					next += int(missed)
					told = sent
				case err != nil:
					return err
				default:
					require.Equal(t, next, v)
					next++
					sum++
				}
				for range rng.IntN(4) {
					if err := co.Yield(); err != nil {
						return err
					}
				}
			}
		}
		for range 60 {
			h.do(func(l *exec.Local) {
				switch rng.IntN(8) {
				case 0:
					js = append(js, spawn(l, subscriber))
				case 1:
					if len(js) > 0 {
						js[rng.IntN(len(js))].Abort()
					}
				default:
					for range rng.IntN(6) {
						require.True(t, b.Send(sent))
						sent++
					}
				}
			})
		}
		h.do(func(*exec.Local) {
			b.Close()
			require.False(t, b.Send(sent))
		})
		h.until("all have ended", func() bool { return h.idle() })
		require.Zero(t, h.x.Stats().TasksFailed, "seed %d", seed)
		require.False(t, t.Failed(), "seed %d", seed)
	}
}

// Two coroutines that share a Subscription share its values, and neither is told that it
// is over before it is.
func TestSharedSubscription(t *testing.T) {
	onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
		var b *exec.Broadcast[int]
		var s *exec.Subscription[int]
		var got []int
		h.do(func(l *exec.Local) { b = exec.NewBroadcast[int](l, 10); s = b.Subscribe() })
		for i := range 4 {
			h.waiting(func(co *exec.Co) error {
				for {
					var v int
					var err error
					if i%2 == 0 {
						v, err = s.Receive(co)
					} else {
						_, err = exec.Select(co, s.Receiving(&v))
					}
					if err == exec.Missed(0) {
						require.NotZero(t, i%2, "only Select has to be called again")
						continue
					}
					if err != nil {
						require.ErrorIs(t, err, exec.ErrClosed)
						return err
					}
					got = append(got, v)
				}
			})
		}
		for i := range 5 {
			h.do(func(l *exec.Local) {
				b.Send(i)
				require.Equal(t, 4, l.Stats().Coroutines)
			})
			h.rounds(2)
		}
		require.Equal(t, []int{0, 1, 2, 3, 4}, got)
		h.do(func(l *exec.Local) { require.Equal(t, 4, l.Stats().Coroutines); b.Close() })
		h.until("all were told", func() bool { return h.idle() })
	})
}

// A Gate lets nobody in once it is closed, and its Close waits for those inside.
func TestGate(t *testing.T) {
	onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
		var g *exec.Gate
		closed := 0
		h.do(func(l *exec.Local) { g = exec.NewGate(l); require.NoError(t, g.Enter()); require.NoError(t, g.Enter()) })
		for range 2 {
			h.waiting(func(co *exec.Co) error {
				err := g.Close(co)
				closed++
				require.NoError(t, g.Close(co), "again")
				return err
			})
		}
		h.do(func(*exec.Local) {
			require.True(t, g.Closed())
			require.ErrorIs(t, g.Enter(), exec.ErrClosed)
			g.Leave()
		})
		h.rounds(3)
		h.do(func(*exec.Local) { require.Zero(t, closed); require.Equal(t, 1, g.Inside()); g.Leave() })
		h.until("both know", func() bool { return closed == 2 })
	})
}
