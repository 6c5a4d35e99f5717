package netio_test

import (
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// descriptors returns how many descriptors the process has open, without the eventfds, which
// are closed with the garbage.
func descriptors(t testing.TB) (n int) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("descriptors are counted in /proc")
	}
	fds, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	for _, fd := range fds {
		if to, err := os.Readlink("/proc/self/fd/" + fd.Name()); err == nil && to != "anon_inode:[eventfd]" {
			n++
		}
	}
	return n
}

// noLeak fails the test if it ends with more descriptors than there are now.
func noLeak(t testing.TB) {
	t.Helper()
	before := descriptors(t)
	t.Cleanup(func() {
		eventually(t, "all descriptors are closed", func() bool { return descriptors(t) <= before })
	})
}

// walker is an Exec that the test steps, with a clock that it moves.
type walker struct {
	t   *testing.T
	x   *exec.Exec
	l   *exec.Local
	r   *netio.Reactor
	now time.Duration
}

// walk makes a walker. It ends with the test.
func walk(t *testing.T, ecfg exec.Config, cfg netio.Config) *walker {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("no sockets here")
	}
	w := &walker{t: t, now: time.Hour}
	ecfg.Clock = func() time.Duration { return w.now }
	ecfg.OnStart = func(l *exec.Local) (err error) {
		w.l = l
		w.r, err = netio.New(l, cfg)
		return err
	}
	var err error
	w.x, err = exec.New(ecfg)
	require.NoError(t, err)
	t.Cleanup(w.x.Stop)
	w.x.Step()
	return w
}

// until steps until cond holds: what the kernel does takes its time.
func (w *walker) until(what string, cond func() bool) {
	w.t.Helper()
	eventually(w.t, what, func() bool {
		w.x.Step()
		return cond()
	})
}

// pass lets time pass, and shows it to the loop.
func (w *walker) pass(d time.Duration) {
	w.now += d
	for range 10 {
		w.x.Step()
	}
}

// on runs f in a step.
func (w *walker) on(f func(l *exec.Local)) {
	w.t.Helper()
	ran := false
	require.True(w.t, w.x.TrySend(exec.Func(func(l *exec.Local) { ran = true; f(l) })))
	w.x.Step()
	require.True(w.t, ran)
}

func (w *walker) listen(cfg netio.ListenConfig) (ln *netio.Listener, addr string) {
	w.t.Helper()
	w.on(func(*exec.Local) {
		var err error
		ln, err = w.r.Listen("tcp", "127.0.0.1:0", cfg)
		require.NoError(w.t, err)
	})
	return ln, ln.Addr().String()
}

// stats returns the counters as they are, not as they were shown last.
func (w *walker) stats() netio.Stats {
	for range 5 { // polls are left out for three turns
		w.x.Step()
	}
	return w.r.Stats()
}
