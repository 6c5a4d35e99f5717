package netio_test

import (
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// A handler that ends because somebody has closed its connection has not failed; one that fails
// for another reason has, also if its connection is closed by then.
func TestCloseIsNoFailure(t *testing.T) {
	for name, x := range map[string]struct {
		elsewhere bool // Close is called by another goroutine
		failed    int
		serve     func(c *netio.Conn) error
	}{
		"on the loop": {false, 0, func(c *netio.Conn) error {
			_, err := c.Read(make([]byte, 1))
			return err
		}},
		"elsewhere": {true, 0, func(c *netio.Conn) error {
			_, err := c.Peek(1)
			return fmt.Errorf("no request: %w", err)
		}},
		"another error": {true, 1, func(c *netio.Conn) error {
			_, _ = c.Read(make([]byte, 1))
			return io.ErrNoProgress
		}},
	} {
		t.Run(name, func(t *testing.T) {
			reported := make(chan error, 1)
			h := begin(t, exec.Config{}, netio.Config{OnError: func(_ *netio.Conn, err error) { reported <- err }})
			conns := make(chan *netio.Conn, 1)
			_, addr := h.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
				conns <- c
				return x.serve(c)
			}})
			peer := dial(t, addr)
			c := take(t, conns)
			if x.elsewhere {
				require.NoError(t, c.Close())
			} else {
				h.do(func(*exec.Local) { require.NoError(t, c.Close()) })
			}
			_, err := peer.Read(make([]byte, 1))
			require.Equal(t, io.EOF, err)
			eventually(t, "its handler has returned", func() bool { return h.x.Stats().Coroutines == 0 })
			h.do(func(*exec.Local) {}) // and that is published
			require.EqualValues(t, x.failed, h.r.Stats().Failed)
			require.Len(t, reported, x.failed)
		})
	}
}
