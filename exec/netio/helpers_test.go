package netio_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// host is an Exec with a Reactor, on a thread of its own.
type host struct {
	t testing.TB
	x *exec.Exec
	r *netio.Reactor
}

// begin starts a host, which ends with the test.
func begin(t testing.TB, ecfg exec.Config, cfg netio.Config) *host {
	t.Helper()
	h := &host{t: t}
	if ecfg.Spin == 0 {
		ecfg.Spin = -1
	}
	ecfg.OnStart = func(l *exec.Local) (err error) {
		h.r, err = netio.New(l, cfg)
		return err
	}
	x, err := exec.New(ecfg)
	require.NoError(t, err)
	h.x = x
	if err = x.Start(); errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() {
		x.Stop()
		h.ended()
	})
	return h
}

// ended waits until the Exec has ended, and not for ever: something may block the loop.
func (h *host) ended() {
	h.t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- h.x.Wait() }()
	require.NoError(h.t, take(h.t, ended))
}

// do runs f on the loop and waits for it.
func (h *host) do(f func(l *exec.Local)) {
	h.t.Helper()
	done := make(chan struct{})
	require.True(h.t, h.x.TrySend(exec.Func(func(l *exec.Local) {
		defer close(done)
		f(l)
	})))
	await(h.t, done)
}

// co runs f in a coroutine and waits for it.
func (h *host) co(f func(co *exec.Co)) {
	h.t.Helper()
	done := make(chan struct{})
	h.do(func(l *exec.Local) {
		require.NoError(h.t, l.Go(func(co *exec.Co) {
			defer close(done)
			f(co)
		}))
	})
	await(h.t, done)
}

// await waits for a channel to be closed, and not for ever.
func await(t testing.TB, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(20 * time.Second):
		t.Fatal("it did not happen")
	}
}

// take receives from a channel, and does not wait for ever.
func take[T any](t testing.TB, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(20 * time.Second):
		t.Fatal("it did not come")
	}
	return v
}

// eventually waits for a condition.
func eventually(t testing.TB, what string, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !cond(); time.Sleep(100 * time.Microsecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never came true: %s", what)
		}
	}
}

// listen opens a listener on a free port of the loopback.
func (h *host) listen(cfg netio.ListenConfig) (ln *netio.Listener, addr string) {
	h.t.Helper()
	h.do(func(*exec.Local) {
		var err error
		ln, err = h.r.Listen("tcp", "127.0.0.1:0", cfg)
		require.NoError(h.t, err)
	})
	return ln, ln.Addr().String()
}

// dial connects to a listener, from outside.
func dial(t testing.TB, addr string) net.Conn {
	t.Helper()
	c, err := net.DialTimeout("tcp", addr, 10*time.Second)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(20*time.Second)))
	return c
}

// echo sends back what comes.
func echo(_ *exec.Co, c *netio.Conn) error {
	b := make([]byte, 4096)
	for {
		n, err := c.Read(b)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := c.Write(b[:n]); err != nil {
			return err
		}
	}
}

func drain(t testing.TB, x *exec.Exec, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	_, err := x.Drain(ctx)
	return err
}

// native skips a test of what an emulator of another architecture does not do as its kernel:
// run programs, steer packets, count drops.
func native(t testing.TB) {
	t.Helper()
	if os.Getenv("PUSHCORE_EMULATED") == "1" {
		t.Skip("emulated")
	}
}

// countable skips a test of allocations where other things allocate.
func countable(t testing.TB) {
	t.Helper()
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	if testing.AllocsPerRun(10, func() { exec.OnLoop() }) > 0 {
		t.Skip("on this architecture it costs an allocation to find out which goroutine calls")
	}
}
