//go:build race || execcheck

package exec_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// goroutine returns the caller's number as its stack shows it.
func goroutine() (n int) {
	var buf [64]byte
	_, _ = fmt.Sscanf(string(buf[:runtime.Stack(buf[:], false)]), "goroutine %d ", &n)
	return n
}

// Each method of a Local, and of what hangs on it.
func localUses(tm *exec.Timer) map[string]func(l *exec.Local) {
	return map[string]func(l *exec.Local){
		"Spawn":      func(l *exec.Local) { l.Spawn(nop{}) },
		"After":      func(l *exec.Local) { l.After(time.Hour, nop{}) },
		"Now":        func(l *exec.Local) { l.Now() },
		"Stats":      func(l *exec.Local) { l.Stats() },
		"Queued":     func(l *exec.Local) { l.Queued() },
		"RunNow":     func(l *exec.Local) { l.RunNow(nop{}) },
		"AddSource":  func(l *exec.Local) { l.AddSource(pollFunc(func() {})) },
		"AddFlusher": func(l *exec.Local) { l.AddFlusher(flushFunc(func() {})) },
		"RunTasks":   func(l *exec.Local) { exec.RunTasks(l, nil) },
		"Timer.Stop": func(*exec.Local) { tm.Stop() },
	}
}

// complaint returns what f panics with.
func complaint(f func()) (what string) {
	defer func() { what = fmt.Sprint(recover()) }()
	f()
	return "it did not panic"
}

// A Local that was kept and is used elsewhere says where it was used and where it
// belongs.
func TestLocalUsedOnTheWrongGoroutine(t *testing.T) {
	x := begin(t, exec.Config{Name: "home"})
	y := begin(t, exec.Config{Name: "other"})
	var kept *exec.Local
	var tm exec.Timer
	var home, other int
	onLoop(t, x, func(l *exec.Local) {
		kept, home = l, goroutine()
		tm, _ = l.After(time.Hour, nop{})
	})
	onLoop(t, y, func(*exec.Local) { other = goroutine() })
	for name, use := range localUses(&tm) {
		t.Run(name, func(t *testing.T) {
			want := func(at int) string {
				return fmt.Sprintf(`exec: the Local of Exec "home" was used on goroutine %d, but its loop is goroutine %d: `, at, home)
			}
			got := complaint(func() { use(kept) })
			require.True(t, strings.HasPrefix(got, want(goroutine())), got)
			got = ""
			onLoop(t, y, func(*exec.Local) { got = complaint(func() { use(kept) }) })
			require.True(t, strings.HasPrefix(got, want(other)), "another Exec's loop is no better: %s", got)
			onLoop(t, x, use) // on its own loop it may be used
		})
	}
	require.Equal(t, x, kept.Exec(), "the handle may be asked for by anyone")
	drain(t, x)
	got := complaint(func() { kept.Spawn(nop{}) })
	require.Contains(t, got, "no turn of it is running")
}

// In Step the loop is whoever steps, while it does.
func TestLocalUsedAfterStep(t *testing.T) {
	x := stepped(t, exec.Config{Name: "home"})
	var kept *exec.Local
	var tm exec.Timer
	inOneStep(t, x, func(l *exec.Local) {
		kept = l
		tm, _ = l.After(time.Hour, nop{})
	})
	for name, use := range localUses(&tm) {
		t.Run(name, func(t *testing.T) {
			got := complaint(func() { use(kept) })
			require.Equal(t, fmt.Sprintf(`exec: the Local of Exec "home" was used on goroutine %d, but no turn of it is running: `+
				`a Local may be used only by what runs on its loop; send a Task through the *Exec instead`, goroutine()), got)
			inOneStep(t, x, use)
			// A goroutine that the loop has started is not the loop.
			inOneStep(t, x, func(l *exec.Local) {
				got := make(chan string)
				loop := goroutine()
				go func() {
					got <- complaint(func() { use(l) }) + fmt.Sprint(goroutine())
				}()
				what := <-got
				require.Contains(t, what, fmt.Sprintf("but its loop is goroutine %d: ", loop))
			})
		})
	}
}

// After a Goexit the loop is another goroutine, and the check knows.
func TestLocalUsedAfterAGoexit(t *testing.T) {
	x := begin(t, exec.Config{})
	var kept *exec.Local
	x.TrySend(exec.Func(func(l *exec.Local) { kept = l; runtime.Goexit() }))
	var home int
	onLoop(t, x, func(l *exec.Local) {
		home = goroutine()
		require.Same(t, kept, l)
		require.True(t, kept.Spawn(nop{}))
	})
	got := complaint(func() { kept.Spawn(nop{}) })
	require.Contains(t, got, fmt.Sprintf("its loop is goroutine %d", home))
}
