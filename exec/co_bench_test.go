package exec_test

import (
	"runtime"
	"testing"
	"time"

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

// Two coroutines wake each other.
func BenchmarkCoPark(b *testing.B) {
	benchCo(b, exec.Config{}, func(co *exec.Co) {
		me := co.LocalWaker()
		var peer exec.LocalWaker
		_ = co.Local().Go(func(p *exec.Co) {
			peer = p.LocalWaker()
			for range b.N / 2 {
				_ = p.Park()
				me.Wake()
			}
		})
		_ = co.Yield()
		for range b.N / 2 {
			peer.Wake()
			_ = co.Park()
		}
	})
}

func BenchmarkCoAwaitReady(b *testing.B) {
	benchCo(b, exec.Config{}, func(co *exec.Co) {
		p := exec.NewPromise[int](co.Local())
		p.Complete(1)
		for range b.N {
			_, _ = p.Future().Await(co)
		}
	})
}

// One coroutine sends, another receives.
func BenchmarkCoQueue(b *testing.B) {
	benchCo(b, exec.Config{}, func(co *exec.Co) {
		q := exec.NewQueue[int](co.Local(), 64)
		_ = co.Local().Go(func(co *exec.Co) {
			for i := range b.N {
				_ = q.Send(co, i)
			}
		})
		for range b.N {
			_, _ = q.Receive(co)
		}
	})
}

func BenchmarkCoSemaphore(b *testing.B) {
	benchCo(b, exec.Config{}, func(co *exec.Co) {
		s := exec.NewSemaphore(co.Local(), 1)
		for range b.N {
			_ = s.Acquire(co, 1)
			s.Release(1)
		}
	})
}

func BenchmarkCoWithin(b *testing.B) {
	benchCo(b, exec.Config{}, func(co *exec.Co) {
		for range b.N {
			_ = co.Within(time.Second, func() error { return nil })
		}
	})
}

func BenchmarkCoSelect(b *testing.B) {
	benchCo(b, exec.Config{}, func(co *exec.Co) {
		q := exec.NewQueue[int](co.Local(), 64)
		stop := exec.NewPromise[none](co.Local())
		_ = co.Local().Go(func(co *exec.Co) {
			for i := range b.N {
				_ = q.Send(co, i)
			}
		})
		var v int
		receive := q.Receiving(&v)
		for range b.N {
			_, _ = exec.Select(co, stop.Future(), receive)
		}
	})
}

// A goroutine outside sends in batches, a coroutine receives one by one.
func BenchmarkCoMailbox(b *testing.B) {
	x, err := exec.New(exec.Config{})
	if err != nil {
		b.Fatal(err)
	}
	m, err := exec.NewMailbox(x, exec.InboxConfig[int]{})
	if err != nil {
		b.Fatal(err)
	}
	startForTest(b, x)
	go func() {
		batch := make([]int, 64)
		for sent := 0; sent < b.N; {
			n := m.TrySendBatch(batch[:min(len(batch), b.N-sent)])
			if sent += n; n == 0 {
				runtime.Gosched()
			}
		}
	}()
	_, err = exec.CallGo(b.Context(), x, func(co *exec.Co) (none, error) {
		b.ResetTimer()
		for range b.N {
			if _, err := m.Receive(co); err != nil {
				return none{}, err
			}
		}
		b.StopTimer()
		return none{}, nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

func BenchmarkCoBlocking(b *testing.B) {
	benchCo(b, exec.Config{}, func(co *exec.Co) {
		for range b.N {
			_, _ = exec.Blocking(co, func() (none, error) { return none{}, nil })
		}
	})
}

// From outside to an Exec that polls, and back.
func BenchmarkCallFromOutside(b *testing.B) {
	twoProcessors(b)
	x := begin(b, exec.Config{Spin: exec.SpinForever})
	for b.Loop() {
		if _, err := exec.Call(b.Context(), x, func(*exec.Local) (none, error) { return none{}, nil }); err != nil {
			b.Fatal(err)
		}
	}
}
