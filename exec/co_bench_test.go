package exec_test

import (
	"testing"

	"github.com/pushcore/pushcore/exec"
)

// benchCo runs f as a coroutine of an Exec on a thread of its own.
func benchCo(b *testing.B, cfg exec.Config, f func(co *exec.Co)) {
	b.Helper()
	b.ReportAllocs()
	x := begin(b, cfg)
	_, err := exec.CallGo(b.Context(), x, func(co *exec.Co) (none struct{}, _ error) {
		b.ResetTimer()
		f(co)
		b.StopTimer()
		return none, nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

func BenchmarkCoYield(b *testing.B) {
	benchCo(b, exec.Config{}, func(co *exec.Co) {
		set := exec.NewJoinSet[none](co.Local())
		for range 200 {
			_ = set.Go(func(co *exec.Co) (none, error) {
				for range b.N / 200 {
					_ = co.Yield()
				}
				return none{}, nil
			})
		}
		_ = set.Wait(co)
	})
}

func BenchmarkCoSpawn(b *testing.B) {
	benchCo(b, exec.Config{}, func(co *exec.Co) {
		left := b.N
		done := co.LocalWaker()
		for i := range b.N {
			_ = co.Local().Go(func(*exec.Co) {
				if left--; left == 0 {
					done.Wake()
				}
			})
			if i%100 == 99 {
				_ = co.Yield()
			}
		}
		_ = co.Park()
	})
}

func BenchmarkCoChain(b *testing.B) {
	benchCo(b, exec.Config{}, func(co *exec.Co) {
		done := co.LocalWaker()
		var link func(n int) func(co *exec.Co)
		link = func(n int) func(co *exec.Co) {
			return func(co *exec.Co) {
				if n == 0 {
					done.Wake()
					return
				}
				_ = co.Local().Go(link(n - 1))
			}
		}
		_ = co.Local().Go(link(b.N))
		_ = co.Park()
	})
}

// A coroutine makes two promises and a peer, which answers one with the other.
func BenchmarkCoPingPong(b *testing.B) {
	benchCo(b, exec.Config{KeepCoroutines: 2048}, func(co *exec.Co) {
		left := b.N
		done := co.LocalWaker()
		for i := range b.N {
			_ = co.Local().Go(func(co *exec.Co) {
				ping, pong := exec.NewPromise[none](co.Local()), exec.NewPromise[none](co.Local())
				_ = co.Local().Go(func(co *exec.Co) {
					_, _ = ping.Future().Await(co)
					pong.Complete(none{})
				})
				ping.Complete(none{})
				_, _ = pong.Future().Await(co)
				if left--; left == 0 {
					done.Wake()
				}
			})
			if i%1000 == 999 {
				_ = co.Sleep(1)
			}
		}
		_ = co.Park()
	})
}

func BenchmarkCoCall(b *testing.B) {
	twoProcessors(b)
	y := begin(b, exec.Config{Spin: exec.SpinForever})
	benchCo(b, exec.Config{Spin: exec.SpinForever}, func(co *exec.Co) {
		for range b.N {
			_, _ = exec.CallFrom(co, y, func(*exec.Local) (none, error) { return none{}, nil })
		}
	})
}
