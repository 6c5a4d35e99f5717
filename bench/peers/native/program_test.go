package native

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/queue"

	"github.com/stretchr/testify/require"
)

// script is a program that does what the shell is told.
func script(t *testing.T, text string) *program {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the peers run on linux")
	}
	path := filepath.Join(t.TempDir(), "script")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700))
	p := &program{name: "script", build: func() (string, error) { return path, nil }}
	t.Cleanup(func() { require.NoError(t, p.close()) })
	return p
}

func TestAnswer(t *testing.T) {
	p := script(t, "echo ready; while read line; do echo 12.5 600; done")
	for range 2 {
		got, err := peer{program: p}.run(queue.Shape{})(measure.Spot{}, 1)
		require.NoError(t, err)
		require.Equal(t, measure.Sample{Items: 600, Metrics: []measure.Metric{{Value: 12.5, Unit: measure.NsPerOp}}}, got)
		require.NoError(t, p.close())
		require.NoError(t, p.close(), "twice")
	}
}

func TestErrorIsOneOfTheRunOnly(t *testing.T) {
	p := script(t, `echo ready; read line; echo error "$line is wrong"; read line; echo 1 1; read line; exit 0`)
	_, err := p.ask("this")
	require.EqualError(t, err, "this is wrong")
	_, err = p.ask("that")
	require.NoError(t, err)
}

func TestSkip(t *testing.T) {
	_, err := script(t, "echo skip no memory").ask("anything")
	require.ErrorIs(t, err, measure.ErrSkip)
	require.ErrorContains(t, err, "no memory")
}

func TestCrashShowsWhatWasSaid(t *testing.T) {
	p := script(t, "echo ready; read line; echo out of ideas >&2; exit 3")
	for range 2 { // the second time it is started anew
		_, err := p.ask("anything")
		require.ErrorContains(t, err, "program script crashed: exit status 3: out of ideas")
		require.NotErrorIs(t, err, measure.ErrSkip)
	}
}

func TestLatency(t *testing.T) {
	p := script(t, "echo ready; read line; echo 90.5 400 2000 1e6 99.5; read line; echo 90.5 400 1000 1e6 99.5")
	got, err := peer{program: p}.run(queue.Shape{Load: 80})(measure.Spot{}, 1)
	require.NoError(t, err)
	require.Equal(t, measure.Sample{Items: 2000, Metrics: []measure.Metric{
		{Value: 90.5, Unit: ages.P50}, {Value: 400, Unit: ages.P99}, {Value: 1e6, Unit: ages.Rate},
		{Value: 99.5, Unit: ages.Achieved},
	}}, got)
	got, err = peer{program: p}.run(queue.Shape{Load: 80})(measure.Spot{}, 1)
	require.NoError(t, err)
	_, ok := got.Of(ages.P99)
	require.False(t, ok, "of too few")
}

func TestNonsenseIsAnError(t *testing.T) {
	for _, load := range []int{0, 80} {
		p := peer{name: "it", program: script(t, "echo ready; while read line; do echo fine; done")}
		_, err := p.run(queue.Shape{Load: load})(measure.Spot{}, 1)
		require.ErrorContains(t, err, `it: "fine" is no answer`)
	}
}

func TestSilenceEnds(t *testing.T) {
	p := script(t, "echo ready; read line; exec sleep 60")
	require.NoError(t, p.start())
	p.patience = 50 * time.Millisecond
	_, err := p.ask("anything")
	require.ErrorContains(t, err, "did not answer within 50ms")
}

// TestMissing: what is not installed is a reason that names the package to install.
func TestMissing(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the peers run on linux")
	}
	ask := func(build func() (string, error), want string) {
		t.Helper()
		p := &program{name: "missing", build: build}
		_, err := p.ask("anything")
		require.ErrorIs(t, err, measure.ErrSkip)
		require.ErrorContains(t, err, want)
	}
	t.Run("library", func(t *testing.T) {
		t.Setenv("PKG_CONFIG_LIBDIR", t.TempDir())
		t.Setenv("PKG_CONFIG_PATH", "")
		for _, tool := range []string{"gcc", "pkg-config"} {
			fake(t, tool)
		}
		ask(rteRing.build, "Debian's libdpdk-dev")
		ask(ckRing.build, "Debian's libck-dev")
	})
	t.Run("crate", func(t *testing.T) {
		fake(t, "cargo")
		ask(crate("crossbeam", "no-such-crate"), "Debian's librust-no-such-crate-dev")
	})
	t.Run("tools", func(t *testing.T) {
		t.Setenv("PATH", "")
		ask(rteRing.build, "Debian's gcc")
		ask(ckRing.build, "Debian's gcc")
		ask(crossbeam.build, "Debian's cargo")
		ask(tokio.build, "Debian's cargo")
	})
}

// fake puts a program that fails before those in PATH.
func fake(t *testing.T, name string) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\nexit 1\n"), 0o700))
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}
