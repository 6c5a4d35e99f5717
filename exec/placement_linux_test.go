//go:build linux && !portable

package exec_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/place"
)

// The thread is where the Config wants it, from OnStart to OnStop.
func TestExecIsPinned(t *testing.T) {
	allowed, err := place.Allowed()
	require.NoError(t, err)
	for _, cpu := range allowed {
		var where []int
		note := func() {
			on, err := place.Current()
			require.NoError(t, err)
			where = append(where, on)
		}
		var log logbook
		x, err := exec.New(exec.Config{
			CPUs:    place.Of(cpu),
			Logger:  log.logger(),
			OnStart: func(*exec.Local) error { note(); return nil },
			OnStop:  func(*exec.Local) { note() },
		})
		require.NoError(t, err)
		require.NoError(t, x.Start())
		onLoop(t, x, func(*exec.Local) { note() })
		drain(t, x)
		require.Equal(t, []int{cpu, cpu, cpu}, where)
		require.Empty(t, log.with("unpinned"))
		// The pin went with the thread: no other goroutine has inherited it.
		after, err := place.Allowed()
		require.NoError(t, err)
		require.Equal(t, allowed, after)
	}
}

// Several cpus leave the choice to the system.
func TestExecIsPinnedToSeveral(t *testing.T) {
	allowed, err := place.Allowed()
	require.NoError(t, err)
	x := begin(t, exec.Config{CPUs: allowed})
	onLoop(t, x, func(*exec.Local) {
		on, err := place.Current()
		require.NoError(t, err)
		require.True(t, allowed.Contains(on))
	})
}

func TestImpossibleCPU(t *testing.T) {
	allowed, err := place.Allowed()
	require.NoError(t, err)
	beyond := allowed[len(allowed)-1] + 1
	started := false
	cfg := exec.Config{Name: "it", CPUs: place.Of(allowed[0], beyond), OnStart: func(*exec.Local) error { started = true; return nil }}
	x, err := exec.New(cfg)
	require.NoError(t, err)
	require.True(t, x.TrySend(named("waiting")))
	err = x.Start()
	require.EqualError(t, err, "exec: it: place: cpu "+strconv.Itoa(beyond)+" is not allowed here (allowed: "+allowed.String()+")")
	require.Equal(t, err, x.Wait())
	require.False(t, started)
	require.False(t, x.TrySend(nop{}))
	require.Equal(t, tasksNamed("waiting"), drain(t, x), "what was accepted is returned")

	// As well as it can be had: it runs, unpinned, and says so.
	var log logbook
	cfg.BestEffort, cfg.Logger = true, log.logger()
	y := begin(t, cfg)
	require.True(t, started)
	onLoop(t, y, func(*exec.Local) {})
	lines := log.with("exec: running unpinned")
	require.Len(t, lines, 1)
	require.Contains(t, lines[0], "level=WARN")
	require.Contains(t, lines[0], "exec=it")
	require.Contains(t, lines[0], "is not allowed here (allowed: "+allowed.String()+")")
}

// The thread of an Exec ends with it, so that its pin is inherited by nobody.
func TestThreadEndsLocked(t *testing.T) {
	allowed, err := place.Allowed()
	require.NoError(t, err)
	for range 50 {
		x, err := exec.New(exec.Config{CPUs: allowed[:1]})
		require.NoError(t, err)
		require.NoError(t, x.Start())
		tid := loopThread(t, x)
		drain(t, x)
		eventually(t, "the thread is gone", func() bool { return !threadExists(tid) })
	}
}
