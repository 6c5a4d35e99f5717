package netio_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// A connection that nobody serves, because its handler waits, tells when it is closed: by its
// idle timeout, by the handler, and by the end of the Exec.
func TestOnCloseOnce(t *testing.T) {
	for _, how := range []string{"idle", "handler", "end"} {
		t.Run(how, func(t *testing.T) {
			h := begin(t, exec.Config{}, netio.Config{})
			var opened, closed atomic.Int32
			cfg := netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
				if c.Data != nil {
					return nil
				}
				c.Data = true
				opened.Add(1)
				c.OnClose(func(*netio.Conn, error) { closed.Add(1) })
				return netio.Wait
			}}
			if how == "idle" {
				cfg.IdleTimeout = 10 * time.Millisecond
			}
			_, addr := h.listen(cfg)
			c := dial(t, addr)
			eventually(t, "the connection is open", func() bool { return opened.Load() == 1 })
			switch how {
			case "handler":
				_, err := c.Write([]byte("x"))
				require.NoError(t, err)
			case "end":
				h.x.Stop()
			}
			eventually(t, "it was told", func() bool { return closed.Load() == 1 })
			h.x.Stop()
			h.ended()
			require.EqualValues(t, 1, closed.Load())
		})
	}
}
