package observe_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/internal/observe"
	"github.com/pushcore/pushcore/examples/internal/observe/observetest"
	"github.com/pushcore/pushcore/exec"
)

// traces returns the files that were written to dir, each of which is a trace.
func traces(t *testing.T, dir string) []string {
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	for _, name := range names {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(string(b), "go 1."), "%s: %.20q", name, b)
		require.Greater(t, len(b), 1000)
	}
	return names
}

// An Exec that is stuck leaves a trace, and a line in the log that says where.
func TestStall(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "traces")
	var w observetest.Output
	o := begin(t, &w, "-flight", dir)
	x := startExec(t, exec.Config{Name: "packets/3", Spin: -1, StallAfter: 20 * time.Millisecond, OnStall: o.OnStall})
	free := make(chan struct{})
	require.True(t, x.TrySend(exec.Func(func(*exec.Local) { <-free })))
	require.Eventually(t, func() bool { return strings.Contains(w.String(), "go tool trace") }, within, time.Millisecond)
	close(free)
	o.Close()
	names := traces(t, dir)
	require.Len(t, names, 1)
	require.Regexp(t, `/stall-\d{8}T\d{6}\.\d{3}Z-packets-3\.trace$`, filepath.ToSlash(names[0]))
	require.Contains(t, w.String(), "flight: what led to a stall of packets/3 is in "+names[0]+": go tool trace "+names[0]+"\n")
	require.Regexp(t, `level=(WARN|INFO) msg="exec: a turn takes long.*exec=packets/3`, w.String())
}

// Files are few, and not of the same moment; the stalls are logged all the same.
func TestLimits(t *testing.T) {
	dir := t.TempDir()
	var w observetest.Output
	o := begin(t, &w, "-flight", dir)
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	stall := func() { o.OnStall(exec.Stall{Exec: "a", Began: at, For: time.Second}) }
	const n = 2 * observe.MaxFiles
	for range n {
		stall()
		at = at.Add(observe.MinPause - time.Millisecond)
		stall()
		at = at.Add(time.Millisecond)
	}
	o.Close()
	stall() // is one too late
	names := traces(t, dir)
	require.Len(t, names, observe.MaxFiles)
	require.Equal(t, "stall-20260102T030406.000Z-a.trace", filepath.Base(names[0]))
	require.Equal(t, "stall-20260102T030416.000Z-a.trace", filepath.Base(names[1]))
	require.Equal(t, 2*n+1, strings.Count(w.String(), "exec=a"))
	require.Equal(t, 1, strings.Count(w.String(), "flight: that was the last of 10 files"))
}

// A directory that cannot be made, or written to, is an error that names it.
func TestNoDirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, dir := range []string{file, filepath.Join(file, "below")} {
		_, err := observe.New(observe.Config{Flight: dir}, &observetest.Output{}, slog.Default())
		require.ErrorContains(t, err, "-flight "+dir+": ")
	}
}

// What cannot be written later is said to be lost.
func TestLostTrace(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "traces")
	var w observetest.Output
	o := begin(t, &w, "-flight", dir)
	require.NoError(t, os.RemoveAll(dir))
	o.OnStall(exec.Stall{Exec: "a"})
	o.Close()
	require.Contains(t, w.String(), "flight: the trace of a stall of a is lost: open "+dir)
}
