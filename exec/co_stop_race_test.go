package exec_test

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// Stop, Drain, Quiesce and Wake come from everywhere at any time, with coroutines in every
// state, while the Exec runs on a thread or is stepped. It ends once, and so does each
// coroutine, before anyone is told that it has.
func TestTheEndComesFromEverywhere(t *testing.T) {
	watchdog(t, 2*time.Minute)
	for seed := range uint64(sized(30, 150, 2000)) {
		for _, started := range []bool{false, true} {
			rng := rand.New(rand.NewPCG(seed, 6))
			x, err := exec.New(exec.Config{KeepCoroutines: 4})
			require.NoError(t, err)
			var begun, ended atomic.Int64
			var w atomic.Pointer[exec.Waker]
			n := 5 + rng.IntN(20)
			require.True(t, x.TrySend(exec.Func(func(l *exec.Local) {
				s, q := exec.NewSemaphore(l, 1), exec.NewQueue[int](l, 1)
				for i := range n {
					spawn(l, func(co *exec.Co) (err error) {
						begun.Add(1)
						defer ended.Add(1)
						if i%3 == 0 {
							co.CancelOnDrain()
						}
						for err == nil {
							switch i % 6 {
							case 0:
								w.Store(co.Waker())
								err = co.Park()
							case 1:
								err = co.Yield()
							case 2:
								err = co.Sleep(10 * time.Microsecond)
							case 3:
								if err = s.Acquire(co, 1); err == nil {
									err = co.Yield()
									s.Release(1)
								}
							case 4:
								_, err = exec.Select(co, q.Sending(1), exec.Elapsed(20*time.Microsecond))
							case 5:
								err = co.Within(time.Millisecond, func() error { return second(q.Receive(co)) })
								if err == exec.ErrTimeout {
									err = nil
								}
							}
						}
						return err
					})
				}
			})))
			var wg sync.WaitGroup
			if started {
				require.NoError(t, x.Start())
			} else {
				x.Step()
				wg.Go(func() {
					for !x.Ended() {
						x.Step()
					}
				})
			}
			delay := rng.IntN(200)
			for i, f := range []func(){
				x.Stop, x.Stop,
				func() {
					ctx, cancel := contextFor(time.Duration(delay) * time.Microsecond)
					defer cancel()
					_, _ = x.Drain(ctx)
				},
				func() {
					for range 20 {
						if w := w.Load(); w != nil {
							w.Wake()
						}
					}
				},
				x.Quiesce,
			} {
				pause := time.Duration(rng.IntN(300)) * time.Microsecond
				if i < 2 {
					pause += 200 * time.Microsecond
				}
				wg.Go(func() {
					time.Sleep(pause)
					f()
				})
			}
			require.NoError(t, x.Wait())
			require.Equal(t, begun.Load(), ended.Load(), "all that began have ended: seed %d", seed)
			wg.Wait()
			require.Zero(t, x.Stats().Coroutines)
		}
	}
}
