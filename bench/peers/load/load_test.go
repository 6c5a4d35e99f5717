//go:build linux

package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// on runs an upstream of ours that spoils what it sends, or not.
func on(t *testing.T, serve func(c net.Conn, t task) error, k task, spoil func([]byte)) task {
	t.Helper()
	k.conns, k.span = 3, 20*time.Millisecond
	served := k
	k.addr = listen(t, func(c net.Conn) { _ = serve(spoiled{c, spoil}, served) })
	return k
}

type spoiled struct {
	net.Conn
	spoil func([]byte)
}

func (s spoiled) Write(b []byte) (int, error) {
	b = bytes.Clone(b)
	s.spoil(b)
	return s.Conn.Write(b)
}

func TestTCP(t *testing.T) {
	for name, c := range map[string]struct {
		serve func(c net.Conn, t task) error
		load  func(task) (report, error)
	}{
		"echo":   {serveEcho, echo},
		"stream": {serveStream, stream},
	} {
		r, err := c.load(on(t, c.serve, task{size: 100_000}, func([]byte) {}))
		require.NoError(t, err, name)
		require.GreaterOrEqual(t, r.Items, uint64(3))
		require.Equal(t, r.Items*100_000, r.Bytes)
		require.Positive(t, r.P50)
		require.GreaterOrEqual(t, r.P99, r.P50)

		_, err = c.load(on(t, c.serve, task{size: 100_000}, func(b []byte) { b[len(b)/2]++ }))
		require.ErrorIs(t, err, errData, name)
	}
}

// udpServer sends back what f makes of each packet; nil is nothing.
func udpServer(t *testing.T, f func(n int, b []byte) []byte) string {
	t.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	go func() {
		buf := make([]byte, 2048)
		for n := 0; ; n++ {
			size, from, err := c.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			if out := f(n, buf[:size]); out != nil {
				_, _ = c.WriteToUDPAddrPort(out, from)
			}
		}
	}()
	return c.LocalAddr().String()
}

func TestUDP(t *testing.T) {
	for name, load := range map[string]func(task) (report, error){"echo": udpEcho, "bulk": udpBulk} {
		// run loads a server until what is expected is seen: on a busy machine packets come late, and count as lost.
		run := func(what string, seen func(r report, err error) bool, f func(n int, b []byte) []byte) {
			k := task{addr: udpServer(t, f), conns: 1, size: 200, span: 20 * time.Millisecond}
			for end := time.Now().Add(20 * time.Second); ; {
				r, err := load(k)
				if seen(r, err) {
					return
				}
				require.True(t, time.Now().Before(end), "%s, %s: %+v, %v", name, what, r, err)
			}
		}
		wrong := func(_ report, err error) bool { return errors.Is(err, errData) }
		run("all", func(r report, err error) bool { return err == nil && r.Items > 0 && r.Bytes == r.Items*200 },
			func(_ int, b []byte) []byte { return b })
		run("some lost", func(r report, err error) bool { return err == nil && r.Lost > 0 && r.Items > 0 },
			func(n int, b []byte) []byte {
				if n%10 == 3 {
					return nil
				}
				return b
			})
		run("changed", wrong, func(n int, b []byte) []byte {
			if n >= 5 {
				b[len(b)-1]++
			}
			return b
		})
		run("cut", wrong, func(_ int, b []byte) []byte { return b[1:] })
	}
}

// TestUDPWindow: a packet counts once, and only in its own window.
func TestUDPWindow(t *testing.T) {
	s := &udpSocket{size: 16, window: 4, seen: make([]bool, 4), out: make([]byte, 64)}
	s.stamp()
	first := bytes.Clone(s.out[:16])
	for _, want := range []bool{true, false} {
		fresh, err := s.check(first)
		require.NoError(t, err)
		require.Equal(t, want, fresh)
	}
	s.stamp()
	fresh, err := s.check(first) // late
	require.NoError(t, err)
	require.False(t, fresh)
	fresh, err = s.check(s.out[48:])
	require.NoError(t, err)
	require.True(t, fresh)
	s.next -= 4 // as if they had not been sent
	_, err = s.check(s.out[48:])
	require.ErrorIs(t, err, errData)
}

func TestSum(t *testing.T) {
	var a, b meter
	for i := range 50 {
		a.add(time.Duration(i+1)*time.Microsecond, 10)
		b.add(time.Duration(i+51)*time.Microsecond, 10)
	}
	b.lost = 7
	r := sum([]meter{a, b}, 2*time.Second)
	require.Equal(t, report{Items: 100, Bytes: 1000, Lost: 7, Seconds: 2, P50: 51, P99: 100}, r)
	require.Equal(t, report{Seconds: 1}, sum(nil, time.Second))
}

func TestIdleOnce(t *testing.T) {
	k := on(t, serveEcho, task{}, func([]byte) {})
	c, err := net.Dial("tcp", k.addr)
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, once(c, 64))
	k = on(t, func(c net.Conn, _ task) error {
		in := make([]byte, 17)
		if _, err := io.ReadFull(c, in); err != nil {
			return err
		}
		_, err := io.WriteString(c, "not what was sent")
		return err
	}, task{}, func([]byte) {})
	c2, err := net.Dial("tcp", k.addr)
	require.NoError(t, err)
	defer c2.Close()
	require.ErrorIs(t, once(c2, 17), errData)
}
