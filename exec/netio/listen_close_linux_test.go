package netio_test

import (
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// queued returns a connection that waits in the kernel to be accepted, with a byte that was sent.
func queued(t testing.TB, addr string) net.Conn {
	c := dial(t, addr)
	_, err := io.WriteString(c, "x")
	require.NoError(t, err)
	raw, err := c.(*net.TCPConn).SyscallConn()
	require.NoError(t, err)
	eventually(t, "the other side's kernel has it", func() bool {
		left := -1
		require.NoError(t, raw.Control(func(fd uintptr) { left, _ = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ) }))
		return left == 0
	})
	return c
}

// Connections that wait in the kernel when a listener is closed are served as if they had come a
// moment before.
func TestListenerCloseTakesInWhatWaits(t *testing.T) {
	for name, cfg := range map[string]netio.ListenConfig{
		"Handle":   {Handle: echo},
		"Lazy":     {Handle: echo, Lazy: true},
		"Dispatch": {},
	} {
		t.Run(name, func(t *testing.T) {
			h := begin(t, exec.Config{}, netio.Config{})
			if cfg.Handle == nil {
				cfg.Dispatch = func(_ *exec.Local, a netio.Accepted) {
					c, err := h.r.Adopt(a, netio.Limits{})
					require.NoError(t, err)
					require.NoError(t, c.Serve(echo))
				}
			}
			ln, addr := h.listen(cfg)
			var conns []net.Conn
			h.do(func(*exec.Local) {
				for range 100 { // more than one turn accepts
					conns = append(conns, queued(t, addr))
				}
				require.NoError(t, ln.Close())
				_, err := net.Dial("tcp", addr)
				require.Error(t, err, "nobody listens")
			})
			for _, c := range conns {
				_, err := io.ReadFull(c, make([]byte, 1))
				require.NoError(t, err)
				roundTrip(t, c)
			}
		})
	}
}

// Those beyond a limit are refused with a word.
func TestListenerCloseRefuses(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	ln, addr := h.listen(netio.ListenConfig{Handle: echo, MaxConns: 1, Refuse: func(c *netio.Conn) { _, _ = c.TryWrite([]byte("no")) }})
	var first, second net.Conn
	h.do(func(*exec.Local) {
		first, second = queued(t, addr), queued(t, addr)
		require.NoError(t, ln.Close())
	})
	b, err := io.ReadAll(second)
	require.NoError(t, err)
	require.Equal(t, "no", string(b))
	_, err = io.ReadFull(first, make([]byte, 1))
	require.NoError(t, err)
	roundTrip(t, first)
}

// In a drain, too: whoever has sent a request gets an answer, the others an orderly end.
func TestDrainTakesInWhatWaits(t *testing.T) {
	for name, cfg := range map[string]netio.ListenConfig{
		"Await": {Handle: func(_ *exec.Co, c *netio.Conn) error { return repeatInLoop(c) }},
		"Lazy":  {Handle: func(_ *exec.Co, c *netio.Conn) error { return repeatAndWait(c) }, Lazy: true},
	} {
		t.Run(name, func(t *testing.T) {
			h := begin(t, exec.Config{}, netio.Config{})
			_, addr := h.listen(cfg)
			var speaks, silent net.Conn
			h.do(func(*exec.Local) {
				silent, speaks = dial(t, addr), queued(t, addr)
				h.r.Drain()
			})
			b, err := io.ReadAll(speaks)
			require.NoError(t, err)
			require.Equal(t, "x", string(b))
			_, err = silent.Read(make([]byte, 1))
			require.Equal(t, io.EOF, err)
			eventually(t, "both are closed", func() bool { s := h.r.Stats(); return s.Conns == 0 && s.Drained == 2 && s.Failed == 0 })
		})
	}
}

// A listener whose Dispatch panics is closed nevertheless, and a drain goes on.
func TestDrainWithADispatchThatPanics(t *testing.T) {
	panics := make(chan exec.Panic, 10)
	h := begin(t, exec.Config{OnPanic: func(p exec.Panic) { panics <- p }}, netio.Config{})
	_, addr := h.listen(netio.ListenConfig{Dispatch: func(_ *exec.Local, a netio.Accepted) { a.Close(); panic("a Dispatch's") }})
	_, waits := h.listen(netio.ListenConfig{Handle: echo, Lazy: true})
	idle := dial(t, waits)
	eventually(t, "it waits", func() bool { return h.r.Stats().Waiting == 1 })
	h.do(func(l *exec.Local) {
		_ = queued(t, addr)
		l.Spawn(exec.Func(func(*exec.Local) { h.r.Drain() }))
	})
	take(t, panics)
	_, err := idle.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
	for _, a := range []string{addr, waits} {
		_, err = net.Dial("tcp", a)
		require.Error(t, err, "nobody listens")
	}
}
