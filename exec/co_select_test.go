package exec_test

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// The first case that can be taken is, and what the others have stays there.
func TestSelectTakesTheFirst(t *testing.T) {
	onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
		require.NoError(t, h.run(func(co *exec.Co) error {
			l := co.Local()
			p, s, m := exec.NewPromise[int](l), exec.NewSemaphore(l, 2), exec.NewMutex(l)
			in, out := exec.NewQueue[int](l, 1), exec.NewQueue[int](l, 1)
			b := exec.NewBroadcast[int](l, 1)
			sub := b.Subscribe()
			j := spawn(l, func(*exec.Co) error { return nil })
			require.NoError(t, co.Yield())
			p.Complete(1)
			in.TrySend(5)
			b.Send(6)
			var v, w int
			cases := []exec.Case{p.Future(), j, in.Receiving(&v), sub.Receiving(&w), s.Acquiring(2), m.Locking(), out.Sending(3), exec.Elapsed(-1)}
			for first := range cases {
				// Each is taken when it stands first, and only that.
				rotated := append(append([]exec.Case{}, cases[first:]...), cases[:first]...)
				i, err := exec.Select(co, rotated...)
				require.NoError(t, err)
				require.Zero(t, i, "case %d", first)
			}
			require.Equal(t, []int{5, 6}, []int{v, w})
			require.Zero(t, in.Len())
			require.Equal(t, 1, out.Len())
			require.Zero(t, s.Free())
			require.False(t, m.TryLock())
			return nil
		}))
	})
}

// A Select that waits takes what comes first, and is as if it had never waited for the
// rest: nobody is served in its name afterwards.
func TestSelectLeavesTheOthers(t *testing.T) {
	const cases = 8
	for winner := range cases {
		onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
			var p *exec.Promise[int]
			var s *exec.Semaphore
			var m *exec.Mutex
			var in, out *exec.Queue[int]
			var b *exec.Broadcast[int]
			var w exec.LocalWaker
			var child *exec.Join[none]
			h.do(func(l *exec.Local) {
				p, s, m = exec.NewPromise[int](l), exec.NewSemaphore(l, 1), exec.NewMutex(l)
				in, out, b = exec.NewQueue[int](l, 1), exec.NewQueue[int](l, 1), exec.NewBroadcast[int](l, 1)
				s.TryAcquire(1)
				m.TryLock()
				out.TrySend(1)
			})
			child = h.waiting(func(co *exec.Co) error { w = co.LocalWaker(); return co.Park() })
			timeout := time.Hour
			if winner == 7 {
				timeout = time.Millisecond
			}
			got := -2
			var v, u int
			resumed := 0
			j := h.waiting(func(co *exec.Co) (err error) {
				got, err = exec.Select(co, p.Future(), child, in.Receiving(&v), b.Subscribe().Receiving(&u),
					s.Acquiring(1), m.Locking(), out.Sending(2), exec.Elapsed(timeout))
				resumed++
				return errors.Join(err, co.Park()) // here it must not be woken
			})
			wake := []func(){
				func() { p.Complete(1) }, func() { w.Wake() }, func() { in.TrySend(7) }, func() { b.Send(8) },
				func() { s.Release(1) }, func() { m.Unlock() }, func() { out.TryReceive() }, func() {},
			}
			h.do(func(*exec.Local) { wake[winner]() })
			h.until("it was woken", func() bool { return resumed == 1 })
			require.Equal(t, winner, got)
			h.do(func(*exec.Local) {
				for i, f := range wake {
					if i != winner {
						f()
					}
				}
			})
			h.rounds(3)
			h.do(func(*exec.Local) {
				require.Equal(t, 1, resumed)
				require.False(t, j.Finished())
				free, full := 1, 0
				if winner == 4 {
					free = 0
				}
				if winner == 6 {
					full = 1
				}
				require.Equal(t, free, s.Free())
				require.Equal(t, winner != 5, m.TryLock())
				require.Equal(t, full, out.Len())
				require.Equal(t, 1, in.Len()+min(v, 1), "the value is where it belongs")
				require.Equal(t, winner == 2, v == 7)
				require.Equal(t, winner == 3, u == 8)
				j.Abort()
			})
			require.ErrorIs(t, h.ended(j), exec.ErrCancelled)
		})
	}
}

// Many coroutines choose among the same things while these come and go: everything is
// taken once, by whoever says so.
func TestSelectModel(t *testing.T) {
	for seed := range uint64(sized(20, 100, 1000)) {
		for _, started := range []bool{false, true} {
			if started && seed%10 != 0 {
				continue
			}
			modelSelect(t, seed, started)
			if t.Failed() {
				t.Fatalf("seed %d, started %v", seed, started)
			}
		}
	}
}

func modelSelect(t *testing.T, seed uint64, started bool) {
	rng := rand.New(rand.NewPCG(seed, 4))
	h := newHost(t, exec.Config{}, started)
	const n = 3
	var qs [n]*exec.Queue[int]
	var ss [n]*exec.Semaphore
	var sent, received, held [n]int
	h.do(func(l *exec.Local) {
		for i := range n {
			qs[i], ss[i] = exec.NewQueue[int](l, 1+rng.IntN(2)), exec.NewSemaphore(l, 2)
		}
	})
	check := func() {
		for i := range n {
			require.LessOrEqual(t, held[i]+ss[i].Free(), 2)
			require.Equal(t, sent[i]-received[i], qs[i].Len())
		}
	}
	chooser := func(co *exec.Co) error {
		for {
			var v [n]int
			cases, kinds := []exec.Case{}, []func() int{}
			for i := range n {
				switch rng.IntN(4) {
				case 0:
					cases, kinds = append(cases, qs[i].Receiving(&v[i])), append(kinds, func() int { received[i]++; return 0 })
				case 1:
					cases, kinds = append(cases, qs[i].Sending(1)), append(kinds, func() int { sent[i]++; return 0 })
				default:
					k := 1 + rng.IntN(2)
					cases, kinds = append(cases, ss[i].Acquiring(k)), append(kinds, func() int { held[i] += k; return k })
				}
			}
			i, err := exec.Select(co, cases...)
			if err != nil {
				require.Equal(t, -1, i)
				return err
			}
			k := kinds[i]()
			check()
			if rng.IntN(2) == 0 {
				err = co.Yield()
			}
			if held[i] -= k; k > 0 {
				ss[i].Release(k)
			}
			if err != nil {
				return err
			}
		}
	}
	var js []*exec.Join[none]
	for range 60 {
		h.do(func(l *exec.Local) {
			switch i := rng.IntN(n); rng.IntN(5) {
			case 0:
				if qs[i].TrySend(1) {
					sent[i]++
				}
			case 1:
				if _, ok := qs[i].TryReceive(); ok {
					received[i]++
				}
			case 2:
				if len(js) > 0 {
					js[rng.IntN(len(js))].Abort()
				}
			default:
				js = append(js, spawn(l, chooser))
			}
			check()
		})
	}
	h.do(func(*exec.Local) {
		for _, j := range js {
			j.Abort()
		}
	})
	h.until("all have ended", func() bool { return h.idle() })
	h.do(func(*exec.Local) {
		check()
		for i := range n { // nobody is in a list any more
			require.Equal(t, 2, ss[i].Free())
			for qs[i].Len() > 0 {
				_, ok := qs[i].TryReceive()
				require.True(t, ok)
			}
			require.True(t, qs[i].TrySend(1))
			require.Equal(t, 1, qs[i].Len())
			_, ok := qs[i].TryReceive()
			require.True(t, ok)
		}
	})
	require.Zero(t, h.x.Stats().TasksFailed)
}
