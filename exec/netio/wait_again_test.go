package netio_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// A Handler that returns Wait without having taken anything is called again when something
// happens, and not at once, for ever.
func TestWaitWithoutReading(t *testing.T) {
	w := walk(t, exec.Config{}, netio.Config{})
	calls := 0
	_, addr := w.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		if calls++; c.Data == nil {
			return netio.Wait
		}
		b, err := c.Peek(2)
		if err != nil {
			return err
		}
		_, err = c.Write(b)
		return err
	}})
	c := dial(t, addr)
	_, err := c.Write([]byte("a"))
	require.NoError(t, err)
	w.until("it waits", func() bool { return calls > 0 && w.stats().Waiting == 1 })
	for range 100 {
		w.x.Step()
	}
	require.Less(t, calls, 10)
}
