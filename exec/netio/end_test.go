package netio_test

import (
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// An Exec that ends closes what is open, however it is, and counts it.
func TestStopClosesAll(t *testing.T) {
	noLeak(t)
	h := begin(t, exec.Config{}, netio.Config{})
	_, served := h.listen(netio.ListenConfig{Handle: echo})
	_, waits := h.listen(netio.ListenConfig{Handle: func(*exec.Co, *netio.Conn) error { return netio.Wait }})
	accepting, _ := h.listen(netio.ListenConfig{})
	var conns []net.Conn
	for range 5 {
		conns = append(conns, dial(t, served), dial(t, waits))
	}
	accepts := make(chan error, 1)
	h.do(func(l *exec.Local) {
		require.NoError(t, l.Go(func(*exec.Co) {
			_, err := accepting.Accept()
			accepts <- err
		}))
	})
	h.co(func(*exec.Co) { // of nobody
		_, err := h.r.Dial("tcp", accepting.Addr().String(), netio.DialConfig{})
		require.NoError(t, err)
	})
	require.NoError(t, take(t, accepts)) // the connection is nobody's, too
	h.do(func(l *exec.Local) {
		require.NoError(t, l.Go(func(*exec.Co) {
			_, err := accepting.Accept()
			accepts <- err
		}))
	})
	eventually(t, "all are served", func() bool { s := h.r.Stats(); return s.Conns == 12 && s.Waiting == 5 })
	h.x.Stop()
	h.ended()
	require.ErrorIs(t, take(t, accepts), exec.ErrClosed)
	s := h.r.Stats()
	require.EqualValues(t, []uint64{12, 0, 0}, []uint64{s.Abandoned, s.Failed, uint64(s.Conns + s.Waiting)})
	for _, c := range conns {
		_, err := c.Read(make([]byte, 1))
		require.Equal(t, io.EOF, err)
		require.NoError(t, c.Close())
	}
	_, err := net.Dial("tcp", served)
	require.Error(t, err)
}

// A Close from elsewhere that the loop has not seen when it ends.
func TestCloseJustBeforeTheEnd(t *testing.T) {
	noLeak(t)
	w := walk(t, exec.Config{}, netio.Config{})
	var conns []*netio.Conn
	_, addr := w.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		conns = append(conns, c)
		return netio.Wait
	}})
	var peers []net.Conn
	for range 3 {
		peers = append(peers, dial(t, addr))
	}
	w.until("all are there", func() bool { return len(conns) == 3 && w.stats().Waiting == 3 })
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, c := range conns[:2] {
			require.NoError(t, c.Close())
		}
	}()
	await(t, done)
	w.x.Stop()
	require.EqualValues(t, 1, w.r.Stats().Abandoned, "the others were closed")
	require.Zero(t, w.r.Stats().Conns)
	for _, c := range append(conns, conns[0]) {
		require.ErrorIs(t, c.Close(), net.ErrClosed)
	}
	for _, c := range peers {
		_, err := c.Read(make([]byte, 1))
		require.Equal(t, io.EOF, err)
		_ = c.Close()
	}
}

// A packet socket that another goroutine closes when the Exec ends is closed, although the loop
// does not look any more at what others want.
func TestPacketCloseAtTheEnd(t *testing.T) {
	noLeak(t)
	var c *netio.PacketConn
	h := begin(t, exec.Config{OnStop: func(*exec.Local) {
		closed := make(chan struct{})
		go func() {
			defer close(closed)
			_ = c.Close()
		}()
		<-closed
	}}, netio.Config{})
	h.do(func(*exec.Local) {
		var err error
		c, err = h.r.ListenPacket("udp", "127.0.0.1:0", netio.PacketConfig{})
		require.NoError(t, err)
	})
	h.x.Stop()
	h.ended()
}

// A TLS connection that has something to send when it is closed, and the Exec ends before the
// coroutine that sends it has begun, is closed nevertheless.
func TestTLSLingerAtTheEnd(t *testing.T) {
	noLeak(t)
	h := begin(t, exec.Config{}, netio.Config{})
	full := make(chan struct{})
	addr := h.listenTLS(serverTLS(), func(_ *exec.Co, c *netio.TLSConn) error {
		for {
			if unsent, _, _ := c.Holds(); unsent {
				close(full)
				return c.Await()
			}
			if _, err := c.Write(make([]byte, 16<<10)); err != nil {
				return err
			}
		}
	})
	dialTLS(t, addr, clientTLS())
	await(t, full)
	h.do(func(*exec.Local) {
		h.x.Quiesce()
		h.x.Stop()
	})
	h.ended()
	require.Zero(t, h.r.Stats().Conns)
}
