package netio_test

import (
	"io"
	"net"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// Hooks that panic lose their connection, and no other.
func TestHooksThatPanic(t *testing.T) {
	for name, cfg := range map[string]netio.ListenConfig{
		"Refuse":   {MaxConns: 1, Handle: echo, Refuse: func(*netio.Conn) { panic("a Refuse's") }},
		"Dispatch": {Dispatch: func(_ *exec.Local, a netio.Accepted) { a.Close(); panic("a Dispatch's") }},
		"OnError":  {Handle: func(*exec.Co, *netio.Conn) error { return io.ErrNoProgress }},
		"Handle":   {Handle: func(*exec.Co, *netio.Conn) error { panic("a Handle's") }},
	} {
		t.Run(name, func(t *testing.T) {
			noLeak(t)
			var panics atomic.Int32
			h := begin(t, exec.Config{OnPanic: func(exec.Panic) { panics.Add(1) }}, netio.Config{OnError: func(*netio.Conn, error) { panic("an OnError's") }})
			_, addr := h.listen(cfg)
			kept := 0
			if name == "Refuse" {
				roundTrip(t, dial(t, addr))
				kept = 1
			}
			var conns []net.Conn
			h.do(func(*exec.Local) { // all at once
				for range 10 {
					conns = append(conns, dial(t, addr))
				}
			})
			for _, c := range conns {
				_, err := c.Read(make([]byte, 1))
				require.Error(t, err)
				require.NotContains(t, err.Error(), "timeout")
			}
			eventually(t, "ten panics", func() bool { return panics.Load() == 10 })
			eventually(t, "all are closed", func() bool { return h.r.Stats().Conns == kept })
		})
	}
}
