package exec_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

func TestCoroutineSmoke(t *testing.T) {
	for _, stepped := range []bool{true, false} {
		var x *exec.Exec
		var err error
		x, err = exec.New(exec.Config{OnPanic: func(p exec.Panic) {}})
		require.NoError(t, err)
		sum := 0
		done := make(chan error, 10)
		body := func(l *exec.Local) {
			p := exec.NewPromise[int](l)
			for i := range 10 {
				_, err := exec.Go(l, func(co *exec.Co) (int, error) {
					for range 1000 {
						if err := co.Yield(); err != nil {
							return 0, err
						}
						sum++
					}
					if i == 5 {
						p.Complete(7)
					}
					return i, nil
				})
				require.NoError(t, err)
			}
			_, _ = exec.Go(l, func(co *exec.Co) (int, error) {
				v, err := p.Future().Await(co)
				if v != 7 {
					err = errors.New("wrong")
				}
				if err == nil {
					err = co.Sleep(time.Millisecond)
				}
				j, _ := exec.Go(co.Local(), func(co *exec.Co) (int, error) { panic("boom") })
				_, e := j.Await(co)
				var pn exec.Panic
				if !errors.As(e, &pn) || pn.Value != "boom" {
					err = errors.New("no panic")
				}
				done <- err
				return 0, err
			})
		}
		require.True(t, x.TrySend(exec.Func(body)))
		if stepped {
			for len(done) == 0 {
				x.Step()
			}
		} else {
			require.NoError(t, x.Start())
		}
		require.NoError(t, <-done)
		require.Equal(t, 10000, sum)
		_, err = x.Drain(patience(t))
		require.NoError(t, err)
	}
}

func BenchmarkYieldMany(b *testing.B) {
	x, _ := exec.New(exec.Config{})
	done := make(chan struct{})
	x.TrySend(exec.Func(func(l *exec.Local) {
		left := 200
		for range 200 {
			_, _ = exec.Go(l, func(co *exec.Co) (int, error) {
				for range b.N / 200 {
					_ = co.Yield()
				}
				if left--; left == 0 {
					close(done)
				}
				return 0, nil
			})
		}
	}))
	_ = x.Start()
	<-done
	x.Stop()
	_ = x.Wait()
}

func BenchmarkSpawnCo(b *testing.B) {
	x, _ := exec.New(exec.Config{})
	done := make(chan struct{})
	b.ReportAllocs()
	n := 0
	x.TrySend(exec.Func(func(l *exec.Local) {
		_, _ = exec.Go(l, func(co *exec.Co) (int, error) {
			for range b.N {
				_, _ = exec.Go(l, func(co *exec.Co) (int, error) { return 0, nil })
				if n++; n%100 == 0 {
					_ = co.Yield()
				}
			}
			close(done)
			return 0, nil
		})
	}))
	_ = x.Start()
	<-done
	x.Stop()
	_ = x.Wait()
}
