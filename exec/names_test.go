package exec_test

import (
	"bytes"
	"runtime/pprof"
	"runtime/trace"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// Profiles tell Execs by name, their coroutines too, and their blocking work apart from both.
func TestProfilesShowNames(t *testing.T) {
	x := begin(t, exec.Config{Name: "profiled"})
	free := make(chan struct{})
	onLoop(t, x, func(l *exec.Local) {
		_, err := exec.Go(l, func(co *exec.Co) (int, error) { return 0, co.Sleep(time.Hour) })
		require.NoError(t, err)
		_, err = exec.GoBlocking(l, func() (int, error) { <-free; return 0, nil })
		require.NoError(t, err)
	})
	defer close(free)
	labelled := func(what, name string) bool {
		var text bytes.Buffer
		require.NoError(t, pprof.Lookup("goroutine").WriteTo(&text, 1))
		for block := range strings.SplitSeq(text.String(), "\n\n") {
			if strings.Contains(block, what) && strings.Contains(block, `"exec":"`+name+`"`) {
				return true
			}
		}
		return false
	}
	for what, name := range map[string]string{
		"(*Exec).thread": "profiled", "(*carrier).main": "profiled", "(*blockingPool).work": "profiled (blocking)",
	} {
		eventually(t, what+" has the label "+name, func() bool { return labelled(what, name) })
	}
}

// pprof.Do takes away labels that its context does not have: the loop's context has them.
func TestContextHasTheLabels(t *testing.T) {
	x := begin(t, exec.Config{Name: "profiled"})
	onLoop(t, x, func(l *exec.Local) {
		name, ok := pprof.Label(l.Context(), "exec")
		require.True(t, ok)
		require.Equal(t, "profiled", name)
	})
}

// An execution trace has a task for each Exec, and regions for what its turns do; it may begin and end at any time.
func TestTracesShowNames(t *testing.T) {
	if trace.IsEnabled() {
		t.Skip("a trace is being taken already")
	}
	x := begin(t, exec.Config{Name: "traced one"})
	for range 2 {
		var text bytes.Buffer
		var had sync.WaitGroup // their turns
		had.Add(2)
		require.NoError(t, trace.Start(&text))
		onLoop(t, x, func(*exec.Local) {}) // the turn under way may have begun before
		onLoop(t, x, func(l *exec.Local) {
			l.AddSource(&figures{})
			l.Spawn(exec.Func(func(l *exec.Local) { trace.Log(l.Context(), "user", "said") }))
			l.After(0, exec.Func(func(*exec.Local) { had.Done() }))
			_, err := exec.Go(l, func(co *exec.Co) (int, error) { had.Done(); return 0, co.Yield() })
			require.NoError(t, err)
		})
		had.Wait()
		onLoop(t, x, func(*exec.Local) {})
		trace.Stop()
		for _, want := range []string{"exec traced one", "tasks", "timers", "coroutines", "figures", "said"} {
			require.Contains(t, text.String(), want)
		}
		onLoop(t, x, func(*exec.Local) {}) // a turn without
	}
}

// A loop that has slept through the end of a trace and the beginning of the next one is in both.
func TestTracesAroundASleep(t *testing.T) {
	if trace.IsEnabled() {
		t.Skip("a trace is being taken already")
	}
	x := begin(t, exec.Config{Name: "traced one"})
	for range 2 {
		var text bytes.Buffer
		require.NoError(t, trace.Start(&text))
		for range 2 { // the first turn may have begun before
			onLoop(t, x, func(*exec.Local) {})
		}
		eventually(t, "it sleeps", func() bool { return x.Snapshot().Asleep })
		trace.Stop()
		require.Contains(t, text.String(), "exec traced one")
	}
}

// A panic in a region ends it.
func TestTracesOutliveAPanic(t *testing.T) {
	if trace.IsEnabled() {
		t.Skip("a trace is being taken already")
	}
	var text bytes.Buffer
	require.NoError(t, trace.Start(&text))
	defer trace.Stop()
	x := begin(t, exec.Config{OnPanic: func(exec.Panic) {}})
	for range 3 {
		require.True(t, x.TrySend(exec.Func(func(*exec.Local) { panic("on purpose") })))
	}
	eventually(t, "three panics", func() bool { return x.Stats().Panics == 3 })
	onLoop(t, x, func(*exec.Local) {})
}
