//go:build race || execcheck

package exec_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// coLocalUses is what coroutines share, each method that belongs on the loop.
func coLocalUses(l *exec.Local) map[string]func(l *exec.Local) {
	p, s, m := exec.NewPromise[int](l), exec.NewSemaphore(l, 1<<20), exec.NewMutex(l)
	q, g, b := exec.NewQueue[int](l, 1), exec.NewGate(l), exec.NewBroadcast[int](l, 1)
	w := exec.NewWaker(l, nop{})
	j := spawn(l, func(*exec.Co) error { return nil })
	var lw exec.LocalWaker
	spawn(l, func(co *exec.Co) error { lw = co.LocalWaker(); return nil })
	set := exec.NewJoinSet[int](l)
	return map[string]func(l *exec.Local){
		"Go":           func(l *exec.Local) { spawn(l, func(*exec.Co) error { return nil }) },
		"JoinSet.Go":   func(*exec.Local) { _ = set.Go(func(*exec.Co) (int, error) { return 0, nil }) },
		"NewPromise":   func(l *exec.Local) { exec.NewPromise[int](l) },
		"NewSemaphore": func(l *exec.Local) { exec.NewSemaphore(l, 1) },
		"NewMutex":     func(l *exec.Local) { exec.NewMutex(l) },
		"NewQueue":     func(l *exec.Local) { exec.NewQueue[int](l, 1) },
		"NewGate":      func(l *exec.Local) { exec.NewGate(l) },
		"NewBroadcast": func(l *exec.Local) { exec.NewBroadcast[int](l, 1) },
		"NewJoinSet":   func(l *exec.Local) { exec.NewJoinSet[int](l) },
		"NewWaker":     func(l *exec.Local) { exec.NewWaker(l, nop{}) },
		"TryComplete":  func(*exec.Local) { p.TryComplete(1, nil) },
		"Abort":        func(*exec.Local) { j.Abort() },
		"TryAcquire":   func(*exec.Local) { s.TryAcquire(1) },
		"Release":      func(*exec.Local) { s.TryAcquire(1); s.Release(1) },
		"TryLock":      func(*exec.Local) { m.TryLock() },
		"TrySend":      func(*exec.Local) { q.TrySend(1) },
		"TryReceive":   func(*exec.Local) { q.TryReceive() },
		"Queue.Close":  func(*exec.Local) { q.Close() },
		"Enter":        func(*exec.Local) { _ = g.Enter() },
		"Leave":        func(*exec.Local) { _ = g.Enter(); g.Leave() },
		"Send":         func(*exec.Local) { b.Send(1) },
		"Subscribe":    func(*exec.Local) { b.Subscribe() },
		"Close":        func(*exec.Local) { b.Close() },
		"Waker.Stop":   func(*exec.Local) { w.Stop() },
		"Wake":         func(*exec.Local) { lw.Wake() },
	}
}

// What belongs to a loop says so when it is used elsewhere. While a coroutine runs, the
// loop is its goroutine.
func TestCoroutineThingsUsedOnTheWrongGoroutine(t *testing.T) {
	onBoth(t, exec.Config{Name: "home"}, func(t *testing.T, h *host) {
		var uses map[string]func(l *exec.Local)
		var kept *exec.Local
		h.do(func(l *exec.Local) { uses, kept = coLocalUses(l), l })
		h.rounds(2)
		// While the loop is held by nobody, or by a coroutine on another goroutine.
		require.NoError(t, h.run(func(co *exec.Co) error {
			home := goroutine()
			done := make(chan none)
			go func() {
				defer close(done)
				want := fmt.Sprintf(`exec: the Local of Exec "home" was used on goroutine %d, but its loop is goroutine %d: `, goroutine(), home)
				for name, use := range uses {
					require.Contains(t, complaint(func() { use(kept) }), want, name)
				}
			}()
			<-done
			for _, use := range uses {
				use(kept) // here it belongs
			}
			return co.Sleep(time.Microsecond)
		}))
		h.x.Stop()
		require.NoError(t, h.x.Wait())
		for name, use := range uses {
			require.Contains(t, complaint(func() { use(kept) }), "no turn of it is running", name)
		}
	})
}
