package netio_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// What is under TLS is not forwarded behind its back.
func TestForwardUnderTLS(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	under := make(chan *netio.Conn, 1)
	addr := h.listenTLS(serverTLS(), func(_ *exec.Co, t *netio.TLSConn) error {
		under <- t.Conn()
		_, err := t.Read(make([]byte, 1))
		return err
	})
	dialTLS(t, addr, clientTLS())
	secure, over := <-under, make(chan struct{})
	_, plain := h.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		defer close(over)
		_, err := netio.Forward(secure, c)
		require.ErrorContains(t, err, "io.Copy")
		return nil
	}})
	dial(t, plain)
	await(t, over)
}
