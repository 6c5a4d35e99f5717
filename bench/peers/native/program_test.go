package native

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"

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
		ns, items, err := p.ask("anything")
		require.NoError(t, err)
		require.Equal(t, 12.5, ns)
		require.Equal(t, 600.0, items)
		require.NoError(t, p.close())
		require.NoError(t, p.close(), "twice")
	}
}

func TestErrorIsOneOfTheRunOnly(t *testing.T) {
	p := script(t, `echo ready; read line; echo error "$line is wrong"; read line; echo 1 1; read line; exit 0`)
	_, _, err := p.ask("this")
	require.EqualError(t, err, "this is wrong")
	_, _, err = p.ask("that")
	require.NoError(t, err)
}

func TestSkip(t *testing.T) {
	_, _, err := script(t, "echo skip no memory").ask("anything")
	require.ErrorIs(t, err, measure.ErrSkip)
	require.ErrorContains(t, err, "no memory")
}

func TestCrashShowsWhatWasSaid(t *testing.T) {
	p := script(t, "echo ready; read line; echo out of ideas >&2; exit 3")
	for range 2 { // the second time it is started anew
		_, _, err := p.ask("anything")
		require.ErrorContains(t, err, "program script crashed: exit status 3: out of ideas")
		require.NotErrorIs(t, err, measure.ErrSkip)
	}
}

func TestNonsenseIsAnError(t *testing.T) {
	_, _, err := script(t, "echo ready; while read line; do echo fine; done").ask("anything")
	require.ErrorContains(t, err, `"fine" is no answer to "anything"`)
}

func TestSilenceEnds(t *testing.T) {
	p := script(t, "echo ready; read line; exec sleep 60")
	require.NoError(t, p.start())
	p.patience = 50 * time.Millisecond
	_, _, err := p.ask("anything")
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
		_, _, err := p.ask("anything")
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
