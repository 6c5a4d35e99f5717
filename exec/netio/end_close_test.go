package netio_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

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
