package netio_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

func TestUnixSockets(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	path := filepath.Join(t.TempDir(), "socket")
	exists := func() bool { _, err := os.Stat(path); return err == nil }
	h.co(func(*exec.Co) {
		ln, err := h.r.Listen("unix", path, netio.ListenConfig{})
		require.NoError(t, err)
		require.True(t, exists())
		_, err = h.r.Listen("unix", path, netio.ListenConfig{}) // somebody listens there
		require.ErrorContains(t, err, "address already in use")
		require.True(t, exists())
		require.NoError(t, ln.Close())
		require.False(t, exists())

		// One that a program has left behind when it was killed.
		stale, err := net.Listen("unix", path)
		require.NoError(t, err)
		stale.(*net.UnixListener).SetUnlinkOnClose(false)
		require.NoError(t, stale.Close())
		require.True(t, exists())
		a, b := h.pair("unix", path)
		require.Equal(t, path, a.RemoteAddr().String())
		require.Equal(t, path, b.LocalAddr().String())
		require.Equal(t, "unix", b.LocalAddr().Network())
		require.False(t, b.RemoteAddrPort().IsValid())

		// A file that is no socket is not touched.
		require.NoError(t, os.WriteFile(path, []byte("precious"), 0o600))
		_, err = h.r.Listen("unix", path, netio.ListenConfig{})
		require.ErrorContains(t, err, "address already in use")
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, "precious", string(got))

		name := "@" + filepath.Base(t.TempDir()) + "-pushcore"
		a, b = h.pair("unix", name)
		require.Equal(t, name, a.RemoteAddr().String())
		require.Equal(t, name, b.LocalAddr().String())
		_, err = a.Write([]byte("abstract"))
		require.NoError(t, err)
		buf := make([]byte, 10)
		n, err := b.Read(buf)
		require.NoError(t, err)
		require.Equal(t, "abstract", string(buf[:n]))

		for _, bad := range []string{"", strings.Repeat("x", 108)} {
			_, err = h.r.Listen("unix", bad, netio.ListenConfig{})
			require.ErrorContains(t, err, "it must have from 1 to 107")
			_, err = h.r.Dial("unix", bad, netio.DialConfig{})
			require.ErrorContains(t, err, "it must have from 1 to 107")
		}
	})
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct{ network, listen, dial string }{
		{"tcp", "127.0.0.1:0", "127.0.0.1"},
		{"tcp4", ":0", "127.0.0.1"},
		{"tcp", "[::1]:0", "::1"},
		{"tcp6", ":0", "::1"},
		{"tcp", ":0", "127.0.0.1"},
		{"tcp", ":0", "::1"},
		{"tcp", "localhost:0", "127.0.0.1"},
	} {
		t.Run(c.network+" "+c.listen+" "+c.dial, func(t *testing.T) {
			if probe, err := net.Listen("tcp6", "[::1]:0"); err != nil && c.dial == "::1" {
				t.Skip("no IPv6 here:", err)
			} else if err == nil {
				_ = probe.Close()
			}
			h := begin(t, exec.Config{}, netio.Config{})
			h.co(func(*exec.Co) {
				ln, err := h.r.Listen(c.network, c.listen, netio.ListenConfig{})
				require.NoError(t, err)
				_, port, err := net.SplitHostPort(ln.Addr().String())
				require.NoError(t, err)
				require.NotEqual(t, "0", port)
				a, err := h.r.Dial("tcp", net.JoinHostPort(c.dial, port), netio.DialConfig{Timeout: 10 * time.Second})
				require.NoError(t, err)
				b, err := ln.Accept()
				require.NoError(t, err)
				require.IsType(t, &net.TCPAddr{}, a.LocalAddr())
				require.Equal(t, a.LocalAddr().String(), b.RemoteAddr().String())
				require.Equal(t, a.RemoteAddr().String(), b.LocalAddr().String())
				require.Equal(t, net.JoinHostPort(c.dial, port), a.RemoteAddr().String())
				require.Equal(t, a.LocalAddr().String(), b.(*netio.Conn).RemoteAddrPort().String())
			})
		})
	}
}
