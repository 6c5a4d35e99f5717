package exec_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

const foreignCo = `exec: a Co of Exec "home" was used outside its coroutine: it is for the function that was handed it, while that runs`

// coUses is each method of a Co, and of what takes one, on things that need not wait.
func coUses(l *exec.Local) map[string]func(co *exec.Co) {
	p, s := exec.NewPromise[int](l), exec.NewSemaphore(l, 100)
	m, g := exec.NewMutex(l), exec.NewGate(l)
	q, b := exec.NewQueue[int](l, 100), exec.NewBroadcast[int](l, 100)
	set := exec.NewJoinSet[int](l)
	sub := b.Subscribe()
	p.Complete(1)
	q.TrySend(1)
	b.Send(1)
	return map[string]func(co *exec.Co){
		"Err":           func(co *exec.Co) { _ = co.Err() },
		"Yield":         func(co *exec.Co) { _ = co.Yield() },
		"Sleep":         func(co *exec.Co) { _ = co.Sleep(time.Hour) },
		"Park":          func(co *exec.Co) { _ = co.Park() },
		"Within":        func(co *exec.Co) { _ = co.Within(time.Hour, func() error { return nil }) },
		"CancelOnDrain": func(co *exec.Co) { co.CancelOnDrain() },
		"CancelWith":    func(co *exec.Co) { co.CancelWith(context.Background()) },
		"Waker":         func(co *exec.Co) { co.Waker() },
		"LocalWaker":    func(co *exec.Co) { co.LocalWaker() },
		"Await":         func(co *exec.Co) { _, _ = p.Future().Await(co) },
		"Next":          func(co *exec.Co) { _, _, _ = set.Next(co) },
		"Wait":          func(co *exec.Co) { _ = set.Wait(co) },
		"Acquire":       func(co *exec.Co) { _ = s.Acquire(co, 1) },
		"Lock":          func(co *exec.Co) { _ = m.Lock(co) },
		"Send":          func(co *exec.Co) { _ = q.Send(co, 1) },
		"Receive":       func(co *exec.Co) { _, _ = q.Receive(co) },
		"Close":         func(co *exec.Co) { _ = g.Close(co) },
		"Broadcast":     func(co *exec.Co) { _, _ = sub.Receive(co) },
		"Select":        func(co *exec.Co) { _, _ = exec.Select(co, p.Future()) },
	}
}

// A Co is for its own function, while that runs. Everywhere else it says so.
func TestCoUsedOutsideItsCoroutine(t *testing.T) {
	onBoth(t, exec.Config{Name: "home"}, func(t *testing.T, h *host) {
		var uses map[string]func(co *exec.Co)
		h.do(func(l *exec.Local) { uses = coUses(l) })
		for name, use := range uses {
			wrong := func(where string, co *exec.Co) {
				require.PanicsWithValue(t, foreignCo, func() { use(co) }, "%s %s", name, where)
			}
			var kept *exec.Co
			j := h.waiting(func(co *exec.Co) error {
				kept = co
				// Another goroutine, while this one waits for it.
				done := make(chan none)
				go func() {
					defer close(done)
					wrong("on another goroutine", co)
				}()
				<-done
				return co.Park()
			})
			h.do(func(*exec.Local) { wrong("in a task", kept) })
			require.NoError(t, h.run(func(*exec.Co) error { wrong("in another coroutine", kept); return nil }))
			h.do(func(*exec.Local) { j.Abort() })
			require.Error(t, h.ended(j))
			h.do(func(*exec.Local) { wrong("in a task, after its end", kept) })
			require.NoError(t, h.run(func(*exec.Co) error { wrong("in the coroutine that has its stack now", kept); return nil }))
			wrong("outside, after its end", kept)
		}
	})
}

// A task that a coroutine runs itself is a part of it.
func TestCoUsedInRunNow(t *testing.T) {
	onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
		waited := false
		require.NoError(t, h.run(func(co *exec.Co) error {
			co.Local().RunNow(exec.Func(func(*exec.Local) { waited = co.Yield() == nil }))
			return nil
		}))
		require.True(t, waited)
	})
}

// What belongs to another Exec is refused at once.
func TestForeignExec(t *testing.T) {
	home, other := begin(t, exec.Config{Name: "home"}), begin(t, exec.Config{Name: "other"})
	h := &host{t, home, true}
	var uses map[string]func(co *exec.Co) error
	onLoop(t, other, func(l *exec.Local) {
		p, s, m := exec.NewPromise[int](l), exec.NewSemaphore(l, 1), exec.NewMutex(l)
		q, g, b := exec.NewQueue[int](l, 1), exec.NewGate(l), exec.NewBroadcast[int](l, 1)
		set, sub, j := exec.NewJoinSet[int](l), b.Subscribe(), spawn(l, func(*exec.Co) error { return nil })
		selects := func(c exec.Case) func(co *exec.Co) error {
			return func(co *exec.Co) error {
				i, err := exec.Select(co, exec.Elapsed(0), c)
				require.Equal(t, -1, i)
				return err
			}
		}
		var v int
		uses = map[string]func(co *exec.Co) error{
			"Future":           func(co *exec.Co) error { return second(p.Future().Await(co)) },
			"Join":             func(co *exec.Co) error { return second(j.Await(co)) },
			"JoinSet":          func(co *exec.Co) error { _, _, err := set.Next(co); return err },
			"JoinSet.Wait":     set.Wait,
			"Semaphore":        func(co *exec.Co) error { return s.Acquire(co, 1) },
			"Mutex":            m.Lock,
			"Send":             func(co *exec.Co) error { return q.Send(co, 1) },
			"Receive":          func(co *exec.Co) error { return second(q.Receive(co)) },
			"Gate":             g.Close,
			"Broadcast":        func(co *exec.Co) error { return second(sub.Receive(co)) },
			"Select Future":    selects(p.Future()),
			"Select Join":      selects(j),
			"Select Acquire":   selects(s.Acquiring(1)),
			"Select Lock":      selects(m.Locking()),
			"Select Receive":   selects(q.Receiving(&v)),
			"Select Send":      selects(q.Sending(1)),
			"Select Broadcast": selects(sub.Receiving(&v)),
		}
	})
	require.NoError(t, h.run(func(co *exec.Co) error {
		for name, use := range uses {
			require.ErrorIs(t, use(co), exec.ErrForeign, name)
		}
		return nil
	}))
}

// What would wait for ever, or makes no sense, panics and says what is wrong.
func TestCoroutineMisuse(t *testing.T) {
	const noCase = "exec: Select without a case, or with one that is nil, would wait for ever"
	onBoth(t, exec.Config{Name: "home"}, func(t *testing.T, h *host) {
		h.do(func(l *exec.Local) {
			require.PanicsWithValue(t, "exec: Go with a nil function", func() { _, _ = exec.Go[int](l, nil) })
			require.PanicsWithValue(t, "exec: NewWaker of a nil Task", func() { exec.NewWaker(l, nil) })
			require.PanicsWithValue(t, "exec: NewQueue with a capacity of 0: it must be from 1 to 16777216", func() { exec.NewQueue[int](l, 0) })
			require.PanicsWithValue(t, "exec: NewBroadcast with a capacity of -1: it must be from 1 to 16777216", func() { exec.NewBroadcast[int](l, -1) })
			g := exec.NewGate(l)
			require.PanicsWithValue(t, "exec: Leave of a Gate that nobody is inside of", g.Leave)
			require.NoError(t, g.Enter())
			g.Leave()
			require.PanicsWithValue(t, "exec: Leave of a Gate that nobody is inside of", g.Leave)
		})
		var j *exec.Join[none]
		h.do(func(l *exec.Local) {
			j = spawn(l, func(co *exec.Co) error {
				require.PanicsWithValue(t, "exec: a coroutine awaits its own Join: it would wait for ever", func() { _, _ = j.Await(co) })
				require.PanicsWithValue(t, noCase, func() { _, _ = exec.Select(co) })
				require.PanicsWithValue(t, noCase, func() { _, _ = exec.Select(co, exec.Elapsed(0), nil) })
				return co.Yield()
			})
		})
		require.NoError(t, h.ended(j))
		require.NoError(t, h.run(func(co *exec.Co) error {
			require.True(t, exec.OnLoop())
			require.ErrorIs(t, h.x.Wait(), exec.ErrOnLoop)
			require.ErrorIs(t, h.x.Start(), exec.ErrOnLoop)
			_, err := h.x.Drain(context.Background())
			require.ErrorIs(t, err, exec.ErrOnLoop)
			require.ErrorIs(t, h.x.Send(context.Background(), nop{}), exec.ErrOnLoop)
			require.Panics(t, func() { h.x.Step() })
			return co.Yield()
		}))
		require.False(t, exec.OnLoop())
	})
}

// Wakes after the coroutine, and after the Exec, do nothing.
func TestWakeAfterTheEnd(t *testing.T) {
	onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
		var w *exec.Waker
		var lw exec.LocalWaker
		require.NoError(t, h.run(func(co *exec.Co) error {
			w, lw = co.Waker(), co.LocalWaker()
			return nil
		}))
		w.Wake()
		h.do(func(*exec.Local) { lw.Wake() })
		next := h.waiting(forever) // on the same stack
		w.Wake()
		h.do(func(*exec.Local) { lw.Wake() })
		h.rounds(3)
		h.do(func(*exec.Local) { require.False(t, next.Finished()) })
		h.x.Stop()
		require.NoError(t, h.x.Wait())
		for range 3 {
			w.Wake()
		}
	})
}

// A coroutine that Step has begun cannot move to a thread. When all have ended, the Exec
// can.
func TestStartAfterStep(t *testing.T) {
	before := count()
	x, err := exec.New(exec.Config{Name: "it"})
	require.NoError(t, err)
	h := &host{t, x, false}
	var js []*exec.Join[none]
	for range 3 {
		js = append(js, h.waiting(forever))
	}
	for range 3 {
		require.ErrorContains(t, h.run(func(*exec.Co) error { runtime.Goexit(); return nil }), "Goexit")
	}
	require.EqualError(t, x.Start(), "exec: it: Start while 3 coroutines that Step has begun have not ended: they cannot move to a thread")
	h.do(func(*exec.Local) {
		for _, j := range js {
			j.Abort()
		}
	})
	settle(x)
	require.NoError(t, x.Start())
	h.started = true
	require.NoError(t, h.run(func(co *exec.Co) error { return co.Sleep(time.Millisecond) }))
	require.Empty(t, drain(t, x))
	before.goroutinesGone(t)
}

// Step may come from any goroutine, locked to a thread or not, each time from another.
func TestStepFromManyGoroutines(t *testing.T) {
	x := stepped(t, exec.Config{})
	rounds := [5]int{}
	require.True(t, x.TrySend(exec.Func(func(l *exec.Local) {
		for i := range rounds {
			spawn(l, func(co *exec.Co) error {
				for rounds[i] < 50 {
					rounds[i]++
					if err := co.Yield(); err != nil {
						return err
					}
				}
				return nil
			})
		}
	})))
	for i := range 60 {
		done := make(chan none)
		go func() {
			defer close(done)
			for range i % 4 { // locked 0 to 3 times, and ends so
				runtime.LockOSThread()
			}
			x.Step()
			if i%8 == 3 {
				runtime.UnlockOSThread()
				x.Step()
			}
		}()
		<-done
	}
	settle(x)
	require.Equal(t, [5]int{50, 50, 50, 50, 50}, rounds)
	require.Zero(t, x.Stats().Coroutines)
}
