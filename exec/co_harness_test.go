package exec_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// host is an Exec whose coroutines are tested, stepped by the test or on a thread.
type host struct {
	t       testing.TB
	x       *exec.Exec
	started bool
}

// newHost returns a host that is stopped when the test ends.
func newHost(t testing.TB, cfg exec.Config, started bool) *host {
	t.Helper()
	x, err := exec.New(cfg)
	require.NoError(t, err)
	h := &host{t, x, started}
	if started {
		require.NoError(t, x.Start())
	}
	t.Cleanup(func() {
		x.Stop()
		_ = x.Wait()
	})
	return h
}

// onBoth runs a test twice: in Step, where strands sleep on channels, and on a thread,
// where they sleep in slots.
func onBoth(t *testing.T, cfg exec.Config, f func(t *testing.T, h *host)) {
	t.Helper()
	for _, started := range []bool{false, true} {
		t.Run(map[bool]string{false: "step", true: "thread"}[started], func(t *testing.T) {
			watchdog(t, time.Minute)
			f(t, newHost(t, cfg, started))
		})
	}
}

// do runs f on the loop, between the rounds of coroutines, and waits for it.
func (h *host) do(f func(l *exec.Local)) {
	h.t.Helper()
	done := make(chan struct{}, 1)
	require.True(h.t, h.x.TryControl(exec.Func(func(l *exec.Local) {
		defer func() { done <- none{} }()
		f(l)
	})))
	if !h.started {
		h.x.Step()
		if len(done) == 0 { // the turn before was cut short
			h.x.Step()
		}
	}
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		h.t.Fatal("the loop did not run the task")
	}
}

// until lets the Exec run until cond, which is asked on the loop, is true.
func (h *host) until(what string, cond func() bool) {
	h.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for ok := false; ; {
		if h.do(func(*exec.Local) { ok = cond() }); ok {
			return
		}
		if time.Now().After(deadline) {
			h.t.Fatalf("never came true: %s", what)
		}
	}
}

// rounds lets at least n rounds of coroutines pass.
func (h *host) rounds(n int) {
	h.t.Helper()
	for range n {
		h.do(func(*exec.Local) {})
	}
}

// run runs f in a coroutine, and returns its error when it has ended.
func (h *host) run(f func(co *exec.Co) error) error {
	h.t.Helper()
	var j *exec.Join[none]
	h.do(func(l *exec.Local) { j = spawn(l, f) })
	h.until("the coroutine ended", func() bool { return j.Finished() })
	_, err, _ := j.Result()
	return err
}

// ended waits until a coroutine has ended and returns its error.
func (h *host) ended(j *exec.Join[none]) error {
	h.t.Helper()
	h.until("a coroutine ended", func() bool { return j.Finished() })
	_, err, _ := j.Result()
	return err
}

type none = struct{}

// spawn starts a coroutine that has nothing to return.
func spawn(l *exec.Local, f func(co *exec.Co) error) *exec.Join[none] {
	j, err := exec.Go(l, func(co *exec.Co) (none, error) { return none{}, f(co) })
	if err != nil {
		panic(fmt.Sprintf("Go: %v", err))
	}
	return j
}

// forever is a body that waits for what never comes.
func forever(co *exec.Co) error { return co.Park() }

// contextFor is a context that ends soon.
func contextFor(d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), d)
}

// identityAllocates reports whether goroutines are told apart by their stack traces, as
// in portable builds: that takes microseconds, and allocates.
func identityAllocates() bool {
	return testing.AllocsPerRun(10, func() { exec.OnLoop() }) > 0
}
