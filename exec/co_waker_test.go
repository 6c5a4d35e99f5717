package exec_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// A Wake is remembered until the next Park, and several are one.
func TestParkTakesOneToken(t *testing.T) {
	onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
		var w exec.LocalWaker
		var parks int
		var j *exec.Join[none]
		h.do(func(l *exec.Local) {
			j = spawn(l, func(co *exec.Co) error {
				w = co.LocalWaker()
				for range 3 { // all before the first Park
					w.Wake()
				}
				for {
					if err := co.Park(); err != nil {
						return err
					}
					parks++
				}
			})
		})
		h.rounds(3)
		h.do(func(*exec.Local) { require.Equal(t, 1, parks); w.Wake() })
		h.until("it went on", func() bool { return parks == 2 })
		h.rounds(3)
		h.do(func(*exec.Local) { require.Equal(t, 2, parks); j.Abort() })
		require.ErrorIs(t, h.ended(j), exec.ErrCancelled)
		h.do(func(*exec.Local) { w.Wake() }) // after its end: nothing happens
		require.Equal(t, 2, parks)
	})
}

// Another wait is not ended by a Wake, and does not take it.
func TestWakeIsForPark(t *testing.T) {
	onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
		var w exec.LocalWaker
		var p *exec.Promise[int]
		var got int
		step := 0
		h.do(func(l *exec.Local) {
			p = exec.NewPromise[int](l)
			spawn(l, func(co *exec.Co) (err error) {
				w = co.LocalWaker()
				got, err = p.Future().Await(co)
				step = 1
				if err == nil {
					err = co.Park()
				}
				step = 2
				return err
			})
		})
		h.rounds(2)
		h.do(func(*exec.Local) { w.Wake() })
		h.rounds(3)
		h.do(func(*exec.Local) { require.Zero(t, step); p.Complete(7) })
		h.until("it took the Wake", func() bool { return step == 2 })
		require.Equal(t, 7, got)
	})
}

// Wakes of many goroutines are never lost, however they meet, and whoever wakes has done
// what it did before: also if its Wake was one with another's.
func TestWakesAreNotLost(t *testing.T) {
	for name, spin := range allSpins {
		t.Run(name, func(t *testing.T) {
			if spin == exec.SpinForever {
				twoProcessors(t)
			}
			watchdog(t, time.Minute)
			const wakers = 4
			x := begin(t, exec.Config{Spin: spin})
			var sent, seen [wakers]atomic.Int64 // each sender waits until its own was seen
			var w *exec.Waker
			var runs atomic.Int64
			onLoop(t, x, func(l *exec.Local) {
				w = exec.NewWaker(l, exec.Func(func(*exec.Local) {
					runs.Add(1)
					for i := range sent {
						seen[i].Store(sent[i].Load())
					}
				}))
			})
			var wg sync.WaitGroup
			each := int64(sized(300, 3000, 30000))
			for i := range wakers {
				wg.Go(func() {
					for n := range each {
						sent[i].Store(n + 1)
						w.Wake()
						for seen[i].Load() <= n {
							runtime.Gosched()
						}
					}
				})
			}
			wg.Wait()
			require.LessOrEqual(t, runs.Load(), wakers*each)
			drain(t, x)
			w.Wake() // safe after the end
		})
	}
}

// A Wake that is one with an earlier one still shows what was done before it. The loop is
// held up by the clock and by nothing else, so that the race detector sees it.
func TestWakeIsOrderedAlsoIfItIsNotTheFirst(t *testing.T) {
	x := begin(t, exec.Config{})
	var w *exec.Waker
	var plain [2]int
	sum := 0
	onLoop(t, x, func(l *exec.Local) {
		w = exec.NewWaker(l, exec.Func(func(*exec.Local) { sum = plain[0] + plain[1] }))
	})
	for range 3 {
		onLoop(t, x, func(l *exec.Local) {
			plain[0], plain[1] = 0, 0
			ready := make(chan bool)
			go func() {
				plain[0] = 1
				w.Wake()
				ready <- true
			}()
			<-ready
			go func() {
				plain[1] = 2
				w.Wake()
			}()
			time.Sleep(20 * time.Millisecond)
		})
		eventually(t, "both were seen", func() (ok bool) {
			onLoop(t, x, func(*exec.Local) { ok = sum == 3 })
			return ok
		})
		onLoop(t, x, func(*exec.Local) { sum = 0 })
	}
}

// Wakes before the first was dealt with are one, those after it are not.
func TestWakesCoalesce(t *testing.T) {
	x := stepped(t, exec.Config{})
	var a, b *exec.Waker
	var order []string
	inOneStep(t, x, func(l *exec.Local) {
		a = exec.NewWaker(l, exec.Func(func(*exec.Local) { order = append(order, "a") }))
		b = exec.NewWaker(l, exec.Func(func(*exec.Local) {
			order = append(order, "b")
			if len(order) < 4 {
				b.Wake() // a new one
			}
		}))
	})
	for range 10 {
		b.Wake()
		a.Wake()
	}
	settle(x)
	require.Equal(t, []string{"b", "a", "b", "b"}, order, "in the order of their first wakes")
	inOneStep(t, x, func(*exec.Local) { a.Stop() })
	a.Wake()
	settle(x)
	require.Len(t, order, 4, "a stopped Waker does nothing")
	settled(t, 6, x.Stats())
	require.EqualValues(t, 4, x.Stats().Spawned)
}

// A Waker that wakes itself, and panics, starves nobody.
func TestWakerThatAlwaysPanics(t *testing.T) {
	for name, spoil := range map[string]func(){"panics": func() { panic("again") }, "returns": func() {}} {
		t.Run(name, func(t *testing.T) {
			watchdog(t, 30*time.Second)
			x := stepped(t, exec.Config{OnPanic: func(exec.Panic) {}})
			var w *exec.Waker
			ran := 0
			inOneStep(t, x, func(l *exec.Local) {
				w = exec.NewWaker(l, exec.Func(func(*exec.Local) { w.Wake(); spoil() }))
			})
			w.Wake()
			for i := range 10 {
				require.True(t, x.TrySend(exec.Func(func(*exec.Local) { ran++ })))
				x.Step()
				require.Equal(t, i+1, ran)
			}
		})
	}
}

// Ping-pong between coroutines of two Execs that park whenever they can.
func TestWakerPingPong(t *testing.T) {
	watchdog(t, time.Minute)
	rounds := sized(200, 2000, 100000)
	xs := []*exec.Exec{begin(t, exec.Config{Spin: -1}), begin(t, exec.Config{Spin: -1})}
	var ws [2]atomic.Pointer[exec.Waker]
	var balls [2]atomic.Int64
	done := make(chan error, 2)
	for i, x := range xs {
		onLoop(t, x, func(l *exec.Local) {
			spawn(l, func(co *exec.Co) (err error) {
				defer func() { done <- err }()
				ws[i].Store(co.Waker())
				for n := range int64(rounds) {
					for balls[i].Load() <= n {
						if err = co.Park(); err != nil {
							return err
						}
					}
					balls[1-i].Add(1)
					ws[1-i].Load().Wake()
				}
				return nil
			})
		})
	}
	eventually(t, "both are there", func() bool { return ws[0].Load() != nil && ws[1].Load() != nil })
	balls[0].Add(1)
	ws[0].Load().Wake()
	require.NoError(t, <-done)
	require.NoError(t, <-done)
	for _, x := range xs {
		drain(t, x)
	}
	ws[0].Load().Wake() // after the coroutine and the Exec have ended
}
