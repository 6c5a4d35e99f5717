package main

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A proxy that may open no more files refuses clients, and serves again when there is room.
func TestNoDescriptors(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no shell to limit the files with")
	}
	up := serve(t, named("a"))
	listen, _ := freeAddr(t)
	c := launchChild(t, "proxy", exec.Command(sh, "-c", `ulimit -n 64; exec "$0" "$@"`,
		os.Args[0], "-listen", listen, "-upstreams", up.addr(), "-workers", "1", "-health-interval", "0s", "-eject-failures", "0", "-json"))
	eventually(t, "it listens", func() bool { return listens(listen) })
	served, refused := 0, 0
	var conns []net.Conn
	for range 100 {
		conn, err := net.Dial("tcp", listen)
		if err != nil {
			refused++
			continue
		}
		conns = append(conns, conn)
		_ = conn.SetDeadline(time.Now().Add(limit))
		_, _ = conn.Write([]byte("?"))
		if n, err := conn.Read(make([]byte, 8)); err == nil && n > 0 {
			served++
		} else {
			refused++
		}
	}
	require.NotZero(t, served)
	require.NotZero(t, refused)
	for _, conn := range conns {
		require.NoError(t, conn.Close())
	}
	eventually(t, "there is room again", func() bool {
		conn, err := net.Dial("tcp", listen)
		if err != nil {
			return false
		}
		defer func() { _ = conn.Close() }()
		_ = conn.SetDeadline(time.Now().Add(limit))
		_, _ = conn.Write([]byte("?"))
		n, err := conn.Read(make([]byte, 8))
		return err == nil && n > 0
	})
	require.NoError(t, c.Process.Signal(syscall.SIGTERM))
	out := c.rest()
	require.NoError(t, c.Wait())
	var st Stats
	require.NoError(t, json.Unmarshal([]byte(out), &st))
	require.NotZero(t, st.Workers[0].NoDescriptors+st.Total.Unserved)
	require.Equal(t, "up", st.Upstreams[0].State, "it is no fault of the upstream")
	require.Zero(t, st.Upstreams[0].Failures)
}

// A check for which there is no file says nothing of the upstream.
func TestChecksWithoutDescriptors(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no shell to limit the files with")
	}
	up := serve(t, named("a"))
	listen, _ := freeAddr(t)
	c := launchChild(t, "proxy", exec.Command(sh, "-c", `ulimit -n 64; exec "$0" "$@" 2>&1`,
		os.Args[0], "-listen", listen, "-upstreams", up.addr(), "-workers", "1", "-health-interval", "5ms", "-health-fall", "2", "-drain", "0s",
		"-proxy-protocol-accept", "any", "-proxy-protocol-timeout", "1h")) // clients that are silent have a file each
	eventually(t, "it listens", func() bool { return listens(listen) })
	var conns []net.Conn
	for range 100 {
		if conn, err := net.Dial("tcp", listen); err == nil {
			conns = append(conns, conn)
			defer func() { _ = conn.Close() }()
		}
	}
	require.NotEmpty(t, conns)
	time.Sleep(200 * time.Millisecond) // many times two checks
	require.NoError(t, c.Process.Signal(syscall.SIGTERM))
	out := c.rest()
	require.NoError(t, c.Wait())
	require.NotContains(t, out, " is down")
	require.Contains(t, out, up.addr()+": ")
}
