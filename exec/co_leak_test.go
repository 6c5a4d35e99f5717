package exec_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// census is what a process has that an Exec may leave behind.
type census struct{ goroutines, threads int }

func count() census { return census{runtime.NumGoroutine(), threadCount()} }

// goroutinesGone waits until there are no more goroutines than before.
func (before census) goroutinesGone(t testing.TB) {
	t.Helper()
	eventually(t, "all goroutines are gone", func() bool { return runtime.NumGoroutine() <= before.goroutines })
}

// gone waits until there are no more goroutines and threads than before. The runtime makes
// threads for itself when it likes, so callers repeat what could leak, and spare some.
func (before census) gone(t testing.TB, spareThreads int) {
	t.Helper()
	eventually(t, "all goroutines and threads are gone", func() bool {
		now := count()
		return now.goroutines <= before.goroutines && now.threads <= before.threads+spareThreads
	})
}

// What an Exec has made ends with it, whatever state that is in.
func TestNothingIsLeftBehind(t *testing.T) {
	for name, live := range map[string]func(h *host){
		"nothing": func(*host) {},
		"idle stacks": func(h *host) {
			for range 3 {
				h.do(func(l *exec.Local) {
					for range 50 {
						spawn(l, (*exec.Co).Yield)
					}
				})
			}
			h.rounds(3)
		},
		"stacks after Goexit": func(h *host) {
			for range 100 {
				h.do(func(l *exec.Local) {
					spawn(l, func(*exec.Co) error { runtime.Goexit(); return nil })
				})
			}
			h.rounds(3)
		},
		"live coroutines": func(h *host) {
			h.do(func(l *exec.Local) {
				m := exec.NewMutex(l)
				m.TryLock()
				for range 20 {
					spawn(l, forever)
					spawn(l, m.Lock)
					spawn(l, func(co *exec.Co) error { return co.Sleep(time.Hour) })
					spawn(l, func(co *exec.Co) error {
						for co.Yield() == nil {
						}
						return nil
					})
				}
			})
			h.rounds(3)
		},
		"a great many": func(h *host) {
			h.do(func(l *exec.Local) {
				for range 5000 {
					spawn(l, forever)
				}
			})
			h.rounds(25)
		},
		"some that have not begun": func(h *host) {
			h.do(func(l *exec.Local) {
				for range 1000 { // more than one round
					spawn(l, forever)
				}
			})
		},
		"some that were aborted and have not gone on": func(h *host) {
			var js []*exec.Join[none]
			h.do(func(l *exec.Local) {
				for range 20 {
					js = append(js, spawn(l, forever))
				}
			})
			h.rounds(2)
			h.do(func(l *exec.Local) {
				for _, j := range js {
					j.Abort()
				}
				l.Exec().Stop()
			})
		},
	} {
		for _, end := range []string{"Stop", "Drain"} {
			t.Run(name+"/"+end, func(t *testing.T) {
				for _, started := range []bool{false, true} {
					before := count()
					const times = 10
					for range times {
						h := newHost(t, exec.Config{}, started)
						live(h)
						if end == "Stop" {
							h.x.Stop()
						} else {
							ctx, cancel := contextFor(20 * time.Millisecond)
							undone, _ := h.x.Drain(ctx)
							cancel()
							require.Empty(t, undone)
						}
						require.NoError(t, h.x.Wait())
						require.Zero(t, h.x.Stats().Coroutines)
					}
					before.gone(t, times-1)
				}
			})
		}
	}
}

// An Exec that was never run has nothing to leave behind.
func TestAnExecThatNeverRanHasNoGoroutines(t *testing.T) {
	before := count()
	for range 10 {
		x, err := exec.New(exec.Config{})
		require.NoError(t, err)
		require.True(t, x.TrySend(exec.Func(func(l *exec.Local) { spawn(l, forever) })))
		require.LessOrEqual(t, runtime.NumGoroutine(), before.goroutines)
		require.Len(t, drain(t, x), 1)
	}
	before.gone(t, 9)
}

// However many coroutines come and go, the process does not grow.
func TestManyCoroutinesDoNotGrowTheProcess(t *testing.T) {
	onBoth(t, exec.Config{KeepCoroutines: 32, MaxCoroutines: 100}, func(t *testing.T, h *host) {
		ran, most := 0, 0
		batch := func(l *exec.Local) {
			for range 100 {
				spawn(l, func(co *exec.Co) error {
					ran++
					return nil
				})
			}
			spawned := l.Stats().Coroutines
			require.Equal(t, 100, spawned)
		}
		waiting := func(l *exec.Local) {
			for range 100 {
				spawn(l, func(co *exec.Co) error {
					ran++
					_ = co.Yield()
					most = max(most, l.Stats().Coroutines)
					return nil
				})
			}
		}
		all := sized(20_000, 200_000, 1_000_000)
		var base uint64
		before := count()
		for done := 0; done < all; done += 200 {
			h.do(batch)
			h.until("they have ended", func() bool { return ran == done+100 })
			h.do(waiting)
			h.until("they have ended", func() bool { return h.idle() })
			if done == all/4 {
				base = heapInUse()
			}
		}
		require.Equal(t, all, ran)
		require.Equal(t, 100, most)
		require.LessOrEqual(t, heapInUse(), base+1<<20, "the heap has not grown")
		eventually(t, "no more than KeepCoroutines are kept", func() bool {
			return runtime.NumGoroutine() <= before.goroutines+32
		})
		h.do(func(l *exec.Local) { require.EqualValues(t, all, l.Stats().Executed()-l.Stats().Control) })
	})
}

// idle reports whether there is no coroutine. It is called on the loop.
func (h *host) idle() bool { return h.x.Stats().Coroutines == 0 }

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// An Exec that has nothing to do gives its stacks back, also if nothing ever comes again.
func TestIdleStacksAreGivenBack(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some ten seconds")
	}
	before := count()
	x := begin(t, exec.Config{StallAfter: -1}) // no detector: goroutines are counted
	onLoop(t, x, func(l *exec.Local) {
		for range 64 {
			spawn(l, func(co *exec.Co) error { return co.Sleep(time.Millisecond) })
		}
	})
	eventually(t, "all have ended, and left stacks", func() bool {
		var kept, live int
		onLoop(t, x, func(l *exec.Local) { kept, live = exec.IdleStacks(l), l.Stats().Coroutines })
		return live == 0 && kept > 32
	})
	eventuallyWithin(t, 40*time.Second, "their stacks are gone", func() bool {
		return runtime.NumGoroutine() <= before.goroutines+1
	})
	parks := x.Stats().Parks
	time.Sleep(3 * time.Second)
	require.LessOrEqual(t, x.Stats().Parks, parks+2, "and then it sleeps for good")
}

// A coroutine that has ended is not held by the stack that it ran on.
func TestEndedCoroutinesAreCollected(t *testing.T) {
	onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
		var collected [2]chan none
		for i := range collected {
			collected[i] = make(chan none)
		}
		h.do(func(l *exec.Local) {
			spawnTracked(l, collected[0], (*exec.Co).Yield)
			spawnTracked(l, collected[1], func(co *exec.Co) error {
				return second(exec.Select(co, exec.Elapsed(time.Millisecond), exec.Elapsed(time.Hour)))
			})
		})
		h.until("they have ended", func() bool { return h.idle() })
		for i, c := range collected {
			deadline := time.Now().Add(10 * time.Second)
			for over := false; !over; {
				runtime.GC()
				select {
				case <-c:
					over = true
				case <-time.After(time.Millisecond):
					require.True(t, time.Now().Before(deadline), "coroutine %d is held", i)
				}
			}
		}
	})
}

func spawnTracked(l *exec.Local, collected chan none, f func(co *exec.Co) error) {
	type result struct{ l *exec.Local } // a pointer: not one of the tiny objects that share a block
	j, err := exec.Go(l, func(co *exec.Co) (*result, error) {
		r := &result{l}
		runtime.AddCleanup(r, func(c chan none) { close(c) }, collected)
		return r, f(co)
	})
	if err != nil {
		panic(err)
	}
	_ = j
}
