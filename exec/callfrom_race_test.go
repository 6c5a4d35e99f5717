package exec_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// callers keeps n coroutines of x calling y, by functions and by coroutines, until a call
// fails, and tells when they are at it and with what they have ended.
func callers(t testing.TB, x, y *exec.Exec, n int) (begun chan struct{}, ended chan error) {
	begun, ended = make(chan struct{}, n), make(chan error, n)
	require.True(t, x.TrySend(exec.Func(func(l *exec.Local) {
		for i := range n {
			_, err := exec.Go(l, func(co *exec.Co) (int, error) {
				for k := 0; ; k++ {
					var err error
					if i%2 == 0 {
						_, err = exec.CallFrom(co, y, answer(k))
					} else {
						_, err = exec.CallGoFrom(co, y, func(co *exec.Co) (int, error) { return k, co.Yield() })
					}
					if err != nil {
						ended <- err
						return 0, err
					}
					if k == 3 {
						begun <- struct{}{}
					}
				}
			})
			require.NoError(t, err)
		}
	})))
	return begun, ended
}

// Whichever end of a busy way ends first, and however, everybody gets an answer, and the
// other end goes on.
func TestCallFromRacesWithTheEnd(t *testing.T) {
	const n = 20
	for how, end := range ends {
		for _, who := range []string{"caller", "callee"} {
			t.Run(how+"/"+who, func(t *testing.T) {
				for range sized(5, 20, 500) {
					cfg := exec.Config{Spin: -1, OnPanic: func(exec.Panic) {}}
					x, y := begin(t, cfg), begin(t, cfg)
					begun, ended := callers(t, x, y, n)
					for range n {
						<-begun
					}
					if who == "caller" {
						if how == "Drain" { // they go on calling until they are cancelled
							onLoop(t, x, func(l *exec.Local) {
								l.After(time.Millisecond, exec.Func(func(l *exec.Local) { l.Exec().Stop() }))
							})
							_, _ = x.Drain(patience(t))
						} else {
							end(t, x)
						}
						for range n {
							require.ErrorIs(t, <-ended, exec.ErrCancelled)
						}
						require.NoError(t, x.Wait())
						v, err := exec.Call(patience(t), y, answer(1))
						require.NoError(t, err)
						require.Equal(t, 1, v)
						eventually(t, "y has ended what it did for x", func() bool { return y.Stats().Coroutines == 0 })
						require.Zero(t, exec.Callers(y))
						continue
					}
					end(t, y)
					for range n {
						require.ErrorIs(t, <-ended, exec.ErrClosed)
					}
					v, err := exec.Call(patience(t), x, answer(1))
					require.NoError(t, err)
					require.Equal(t, 1, v)
				}
			})
		}
	}
}

// Both ends at once.
func TestCallFromRacesWithBothEnds(t *testing.T) {
	const n = 20
	for range sized(10, 40, 1000) {
		cfg := exec.Config{Spin: -1}
		x, y := begin(t, cfg), begin(t, cfg)
		xBegun, xEnded := callers(t, x, y, n)
		yBegun, yEnded := callers(t, y, x, n)
		for range n {
			<-xBegun
			<-yBegun
		}
		go x.Stop()
		y.Stop()
		for range n {
			require.ErrorIs(t, <-xEnded, exec.ErrClosed)
			require.ErrorIs(t, <-yEnded, exec.ErrClosed)
		}
		require.NoError(t, x.Wait())
		require.NoError(t, y.Wait())
	}
}
