package exec_test

import (
	"errors"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// The account of everything at once: tasks, timers, Wakers, batches and coroutines that
// end in every way there is. What was accepted was executed, failed or returned, and the
// Exec's own counts agree with what the test has seen.
func TestAccountWithCoroutines(t *testing.T) {
	boomError := errors.New("an error is a result like any other")
	for _, end := range []string{"Drain", "Stop", "Drain out of time"} {
		t.Run(end, func(t *testing.T) {
			onBoth(t, exec.Config{OnPanic: func(exec.Panic) {}}, func(t *testing.T, h *host) {
				rng := rand.New(rand.NewPCG(7, uint64(len(end))))
				accepted, begun, failed, unbegun := 0, 0, 0, 0
				var js []*exec.Join[none]
				var gate *exec.Promise[int]
				h.do(func(l *exec.Local) { gate = exec.NewPromise[int](l) })
				accepted++
				for range 300 {
					accepted++
					h.do(func(l *exec.Local) {
						switch rng.IntN(7) {
						case 0:
							if l.Spawn(nop{}) {
								accepted++
							}
						case 1:
							if _, ok := l.After(time.Duration(rng.IntN(1000))*time.Microsecond, nop{}); ok {
								accepted++
							}
						case 2:
							if l.Spawn(boom("task")) {
								accepted++
								failed++
							}
						default:
							how := rng.IntN(6)
							j := spawn(l, func(co *exec.Co) error {
								begun++
								if how == 5 {
									return second(gate.Future().Await(co))
								}
								for range rng.IntN(5) {
									if err := co.Sleep(time.Duration(rng.IntN(100)) * time.Microsecond); err != nil {
										return err
									}
								}
								switch how {
								case 0:
									failed++
									panic("coroutine")
								case 1:
									failed++
									runtime.Goexit()
								case 2:
									return boomError
								}
								return nil
							})
							accepted++
							js = append(js, j)
							if rng.IntN(4) == 0 {
								j.Abort()
							} else if rng.IntN(4) == 0 {
								js[rng.IntN(len(js))].Abort()
							}
						}
					})
				}
				h.do(func(l *exec.Local) {
					s := l.Stats()
					live := 0
					for _, j := range js {
						if !j.Finished() {
							live++
						}
					}
					require.Equal(t, live, s.Coroutines)
					require.GreaterOrEqual(t, s.Resumes, uint64(begun))
					if end == "Drain" && h.started {
						gate.Complete(1)
					}
				})
				accepted++
				var undone []exec.Task
				switch end {
				case "Drain":
					undone, _ = h.x.Drain(patience(t))
				case "Stop":
					h.x.Stop()
					undone = drain(t, h.x)
				default:
					ctx, cancel := contextFor(time.Millisecond)
					defer cancel()
					undone, _ = h.x.Drain(ctx)
				}
				require.NoError(t, h.x.Wait())
				cancelled := 0
				for _, j := range js {
					_, err, ended := j.Result()
					require.True(t, ended)
					if errors.Is(err, exec.ErrCancelled) {
						cancelled++
					}
				}
				s := h.x.Stats()
				settled(t, accepted, s)
				unbegun = len(js) - begun
				require.EqualValues(t, unbegun+len(undone), s.Returned)
				require.EqualValues(t, failed, s.TasksFailed)
				require.LessOrEqual(t, cancelled, int(s.Cancelled))
				require.Zero(t, s.Coroutines)
				require.Zero(t, s.Depth)
			})
		})
	}
}
