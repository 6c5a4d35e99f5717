package netio_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// One Exec has one Reactor.
func TestSecondReactor(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	require.Equal(t, netio.DefaultReadBuffer, h.r.ReadBuffer())
	before := descriptors(t)
	h.do(func(l *exec.Local) {
		for range 10 {
			_, err := netio.New(l, netio.Config{})
			require.ErrorIs(t, err, exec.ErrTooMany)
		}
	})
	require.Equal(t, before, descriptors(t))
	_, addr := h.listen(netio.ListenConfig{Handle: echo})
	roundTrip(t, dial(t, addr))
}

func TestWrongConfig(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	h.do(func(l *exec.Local) {
		for want, cfg := range map[string]netio.Config{
			"Config.MaxConns is -1":     {MaxConns: -1},
			"Config.ReadBuffer is 63":   {ReadBuffer: 63},
			"Config.KeepBuffers is -7":  {KeepBuffers: -7},
			"Config.MaxConns is 100000": {MaxConns: 100_000_000},
		} {
			_, err := netio.New(l, cfg)
			require.ErrorContains(t, err, want)
		}
		nothing := func(*exec.Local, netio.Accepted) {}
		for want, cfg := range map[string]netio.ListenConfig{
			"both Handle and Dispatch": {Handle: echo, Dispatch: nothing},
			"negative":                 {MaxConns: -1},
			"Steer and First are for":  {First: true},
		} {
			_, err := h.r.Listen("tcp", "127.0.0.1:0", cfg)
			require.ErrorContains(t, err, want)
		}
		for want, address := range map[string]string{"missing port": "x", "must be a number": "127.0.0.1:http", "needs an IP address": "example.org:80"} {
			_, err := h.r.Listen("tcp", address, netio.ListenConfig{})
			require.ErrorContains(t, err, want)
		}
		for _, cfg := range []netio.ListenConfig{{}, {Handle: echo, Dispatch: nothing}, {Handle: echo, IdleTimeout: -1}} {
			_, err := h.r.Entry(cfg)
			require.Error(t, err)
		}
	})
}
