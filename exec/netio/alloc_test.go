//go:build (amd64 || arm64) && !portable

// Elsewhere to find out which goroutine calls costs memory.

package netio_test

import (
	"io"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// Bytes come and go without costing memory.
func TestEchoAllocates(t *testing.T) {
	h := begin(t, exec.Config{StallAfter: -1}, netio.Config{})
	_, addr := h.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		if err := c.Await(); err != nil {
			return err
		}
		b, _ := c.Peek(0)
		if _, err := c.Write(b); err != nil {
			return err
		}
		c.Discard(len(b))
		return netio.Wait
	}})
	c, b := dial(t, addr), make([]byte, 100)
	round := func() {
		if _, err := c.Write(b); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c, b); err != nil {
			t.Fatal(err)
		}
	}
	for range 100 {
		round()
	}
	const rounds = 1000
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range rounds {
		round()
	}
	runtime.ReadMemStats(&after)
	require.Less(t, float64(after.Mallocs-before.Mallocs)/rounds, 0.1) // other goroutines allocate, too, now and then
}
