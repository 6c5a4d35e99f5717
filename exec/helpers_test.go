package exec_test

import (
	"context"
	"log/slog"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// stepped returns an Exec to be run by Step.
func stepped(t testing.TB, cfg exec.Config) *exec.Exec {
	t.Helper()
	x, err := exec.New(cfg)
	require.NoError(t, err)
	t.Cleanup(x.Stop)
	return x
}

// settle steps x until a turn finds nothing to do.
func settle(x *exec.Exec) {
	for worked := true; worked; {
		worked, _ = x.Step()
	}
}

// inOneStep runs f on x's loop, which the caller steps.
func inOneStep(t testing.TB, x *exec.Exec, f func(l *exec.Local)) {
	t.Helper()
	ran := false
	require.True(t, x.TryControl(exec.Func(func(l *exec.Local) { ran = true; f(l) })))
	x.Step()
	require.True(t, ran)
}

// nop is a task that does nothing, and whose sending allocates nothing.
type nop struct{}

func (nop) Run(*exec.Local) {}

// compute keeps the processor for d.
func compute(d time.Duration) {
	for start := time.Now(); time.Since(start) < d; {
	}
}

// patience returns a context that ends long after anything here should have.
func patience(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// watchdog ends the test binary, with the stacks of all goroutines, unless the
// test ends within d.
func watchdog(t testing.TB, d time.Duration) {
	w := time.AfterFunc(d, func() {
		_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 2)
		panic(t.Name() + " is stuck")
	})
	t.Cleanup(func() { w.Stop() })
}

// long reports whether the run is the full one, which takes minutes.
func long() bool { return os.Getenv("PUSHCORE_FULL") == "1" }

// emulated reports whether the machine is emulated, and slow.
func emulated() bool { return os.Getenv("PUSHCORE_EMULATED") == "1" }

// sized picks a test's size: short for -short and race builds, a part of it where the
// machine is emulated, full when asked.
func sized(short, normal, full int) int {
	switch {
	case emulated():
		return max(short/5, 4)
	case long():
		return full
	case testing.Short() || raced:
		return short
	}
	return normal
}

// logbook is a slog handler that keeps what it is given.
type logbook struct {
	mu    sync.Mutex
	lines []string
}

func (b *logbook) logger() *slog.Logger { return slog.New(slog.NewTextHandler(b, nil)) }

func (b *logbook) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines = append(b.lines, string(line))
	return len(line), nil
}

// with returns the lines that contain s.
func (b *logbook) with(s string) (lines []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, line := range b.lines {
		if strings.Contains(line, s) {
			lines = append(lines, line)
		}
	}
	return lines
}

// eventuallyWithin is eventually with a limit of its own.
func eventuallyWithin(t testing.TB, limit time.Duration, what string, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !cond(); time.Sleep(50 * time.Microsecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never came true: %s", what)
		}
	}
}

// twoProcessors skips a test that polls on one processor for what happens on another.
func twoProcessors(t testing.TB) {
	t.Helper()
	if runtime.GOMAXPROCS(0) < 2 {
		t.Skip("needs two processors")
	}
}
