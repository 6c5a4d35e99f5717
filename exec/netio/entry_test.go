package netio_test

import (
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// Connections are accepted on one loop and served on another, by what its Entry says.
func TestEntry(t *testing.T) {
	noLeak(t)
	to := begin(t, exec.Config{}, netio.Config{})
	var entry *netio.Listener
	to.do(func(*exec.Local) {
		var err error
		entry, err = to.r.Entry(netio.ListenConfig{Handle: echo, MaxConns: 2, Refuse: func(c *netio.Conn) { _, _ = c.TryWrite([]byte("full")) }})
		require.NoError(t, err)
	})
	from := begin(t, exec.Config{}, netio.Config{})
	_, addr := from.listen(netio.ListenConfig{Dispatch: func(_ *exec.Local, a netio.Accepted) {
		require.Equal(t, "127.0.0.1", a.RemoteAddrPort().Addr().String())
		if !to.x.TrySend(exec.Func(func(*exec.Local) { _ = entry.Adopt(a) })) {
			a.Close()
		}
	}})
	a, b := dial(t, addr), dial(t, addr)
	roundTrip(t, a)
	roundTrip(t, b)
	to.do(func(*exec.Local) { require.Equal(t, 2, entry.Open()) })
	got, err := io.ReadAll(dial(t, addr))
	require.NoError(t, err)
	require.Equal(t, "full", string(got))
	require.NoError(t, a.Close())
	eventually(t, "one has left", func() bool { return to.r.Stats().Conns == 1 })
	to.do(func(*exec.Local) { require.Equal(t, 1, entry.Open()) })
	roundTrip(t, dial(t, addr))
	s := to.r.Stats()
	require.EqualValues(t, 1, s.Refused)
	require.Zero(t, s.Accepted, "that is the other's")
	eventually(t, "the other has counted them", func() bool { s := from.r.Stats(); return s.Accepted == 4 && s.Dispatched == 4 && s.Conns == 0 })

	// After Close, and in a drain, it takes in nothing.
	var adopted = make(chan error, 1)
	to.do(func(*exec.Local) { require.NoError(t, entry.Close()) })
	hand := func(h *host) {
		_, addr := from.listen(netio.ListenConfig{Dispatch: func(_ *exec.Local, a netio.Accepted) {
			h.x.TrySend(exec.Func(func(*exec.Local) { adopted <- entry.Adopt(a) }))
		}})
		_, err := dial(t, addr).Read(make([]byte, 1))
		require.Equal(t, io.EOF, err)
	}
	hand(to)
	require.ErrorIs(t, <-adopted, net.ErrClosed)
	eventually(t, "it is counted", func() bool { return to.r.Stats().Refused == 2 })
}

// Adopt of the Reactor itself, with limits of the connection's own.
func TestAdopt(t *testing.T) {
	noLeak(t)
	h := begin(t, exec.Config{}, netio.Config{MaxConns: 2})
	got := make(chan error, 10)
	_, addr := h.listen(netio.ListenConfig{Dispatch: func(_ *exec.Local, a netio.Accepted) {
		c, err := h.r.Adopt(a, netio.Limits{})
		if err == nil {
			err = c.Serve(echo)
		}
		got <- err
	}})
	for range 2 {
		roundTrip(t, dial(t, addr))
		require.NoError(t, <-got)
	}
	_, err := dial(t, addr).Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
	require.ErrorIs(t, <-got, netio.ErrTooMany)
	eventually(t, "it is counted", func() bool { return h.r.Stats().Refused == 1 })
}

// First refuses an address at which somebody listens; the others share it.
func TestFirst(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	shared := netio.ListenConfig{ReusePort: true, Handle: echo}
	first := shared
	first.First = true
	ln, addr := h.listen(first)
	h.do(func(*exec.Local) {
		_, err := h.r.Listen("tcp", addr, first)
		require.ErrorIs(t, err, syscall.EADDRINUSE)
		_, err = h.r.Listen("tcp", addr, netio.ListenConfig{Handle: echo})
		require.ErrorIs(t, err, syscall.EADDRINUSE)
		second, err := h.r.Listen("tcp", addr, shared)
		require.NoError(t, err)
		require.NoError(t, ln.Close())
		require.NoError(t, second.Close())
		_, err = h.r.Listen("tcp", addr, first)
		require.NoError(t, err, "nobody listens any more")
	})
	roundTrip(t, dial(t, addr))
}

// Add adds all there is.
func TestStatsAdd(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	_, addr := h.listen(netio.ListenConfig{Handle: echo})
	roundTrip(t, dial(t, addr))
	eventually(t, "it is shown", func() bool { return h.r.Stats().BytesOut == 5 })
	s := h.r.Stats()
	sum := s
	sum.Add(s)
	sum.Add(netio.Stats{Held: 7})
	require.Equal(t, 2*s.Conns, sum.Conns)
	require.Equal(t, 2*s.Polls, sum.Polls)
	require.Equal(t, 2*s.BytesIn, sum.BytesIn)
	require.Equal(t, 2*s.Held+7, sum.Held)
}
