package netio_test

import (
	"bytes"
	"io"
	"math/rand/v2"
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

func TestPeek(t *testing.T) {
	networks(t, func(h *host, co *exec.Co, a, b *netio.Conn) {
		t := h.t
		got, err := a.Peek(0)
		require.NoError(t, err)
		require.Empty(t, got)
		_, err = b.Write([]byte("hello"))
		require.NoError(t, err)
		got, err = a.Peek(2)
		require.NoError(t, err)
		require.Equal(t, "hello", string(got))
		require.Equal(t, 5, a.Buffered())
		a.Discard(3)
		require.Panics(t, func() { a.Discard(3) })
		require.Panics(t, func() { a.Discard(-1) })
		j, err := exec.Go(co.Local(), func(*exec.Co) (string, error) {
			got, err := a.Peek(7)
			return string(got), err
		})
		require.NoError(t, err)
		for _, part := range []string{" ", "wo", "rld"} {
			require.NoError(t, co.Sleep(time.Millisecond))
			_, err = b.Write([]byte(part))
			require.NoError(t, err)
		}
		s, err := j.Await(co)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix("lo world", s) && len(s) >= 7, s)
		_, err = a.Peek(netio.DefaultReadBuffer + 1)
		require.ErrorContains(t, err, "16385 bytes are more than the 16384 of Config.ReadBuffer")
		buf := make([]byte, 4) // a Read takes what was peeked first
		n, err := a.Read(buf)
		require.NoError(t, err)
		require.Equal(t, "lo w", string(buf[:n]))
		require.NoError(t, b.CloseWrite())
		got, err = a.Peek(100)
		require.Equal(t, io.EOF, err)
		require.Equal(t, "orld", string(got))
		a.Discard(4)
		require.Zero(t, a.Buffered())
	})
}

func TestWritevAndReadFrom(t *testing.T) {
	networks(t, func(h *host, co *exec.Co, a, b *netio.Conn) {
		t := h.t
		rng := rand.New(rand.NewPCG(3, 3))
		var bufs net.Buffers
		var want []byte
		for range 300 { // more than one system call takes, and some that are empty
			p := random(rng, rng.IntN(20_000)*rng.IntN(2))
			bufs, want = append(bufs, p), append(want, p...)
		}
		source := random(rng, 300_000)
		want = append(want, source...)
		writer, err := exec.Go(co.Local(), func(*exec.Co) (n int64, err error) {
			if n, err = a.Writev(&bufs); err != nil {
				return n, err
			}
			m, err := io.Copy(a, bytes.NewReader(source)) // by ReadFrom or WriterTo
			if err == nil {
				err = a.CloseWrite()
			}
			return n + m, err
		})
		require.NoError(t, err)
		got, err := io.ReadAll(b)
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, got))
		n, err := writer.Await(co)
		require.NoError(t, err)
		require.EqualValues(t, len(want), n)
		require.Empty(t, bufs)
		source = source[:50_000] // what the kernel takes
		n, err = b.ReadFrom(onlyReader{bytes.NewReader(source)})
		require.NoError(t, err)
		require.EqualValues(t, len(source), n)
	})
}

type onlyReader struct{ io.Reader }

// Operations of several coroutines are whole, in both directions.
func TestConcurrentOperations(t *testing.T) {
	networks(t, func(h *host, co *exec.Co, a, b *netio.Conn) {
		t := h.t
		const writers, lines, length = 5, 6, 500_000
		var joins []*exec.Join[struct{}]
		spawn := func(f func() error) {
			j, err := exec.Go(co.Local(), func(*exec.Co) (struct{}, error) { return struct{}{}, f() })
			require.NoError(t, err)
			joins = append(joins, j)
		}
		for i := range writers {
			line := bytes.Repeat([]byte{byte('a' + i)}, length)
			spawn(func() error {
				for k := range lines {
					err := error(nil)
					if k%2 == 0 {
						_, err = a.Write(line)
					} else {
						_, err = a.Writev(&net.Buffers{line[:10], line[10:]})
					}
					if err != nil {
						return err
					}
				}
				return nil
			})
		}
		var counts [256]int
		total, run, last := 0, 0, byte(0)
		for range 3 { // a Read is whole, too: what it returns is one piece, in order
			spawn(func() error {
				buf := make([]byte, 7_000)
				for {
					n, err := b.Read(buf)
					for _, c := range buf[:n] {
						if c != last {
							require.Zero(t, run%length, "a Write was interrupted")
							run, last = 0, c
						}
						run++
						counts[c]++
					}
					if total += n; err == io.EOF {
						return nil
					} else if err != nil {
						return err
					}
				}
			})
		}
		for i, j := range joins {
			if i == writers {
				require.NoError(t, a.CloseWrite())
			}
			_, err := j.Await(co)
			require.NoError(t, err)
		}
		require.Equal(t, writers*lines*length, total)
		for i := range writers {
			require.Equal(t, lines*length, counts['a'+i])
		}
	})
}

func TestHalfClose(t *testing.T) {
	networks(t, func(h *host, co *exec.Co, a, b *netio.Conn) {
		t := h.t
		_, err := a.Write([]byte("question"))
		require.NoError(t, err)
		require.NoError(t, a.CloseWrite())
		got, err := io.ReadAll(b)
		require.NoError(t, err)
		require.Equal(t, "question", string(got))
		j, err := exec.Go(co.Local(), func(*exec.Co) (int, error) { return a.Read(make([]byte, 1)) })
		require.NoError(t, err)
		require.NoError(t, co.Sleep(time.Millisecond))
		_, err = b.Write([]byte("a"))
		require.NoError(t, err)
		n, err := j.Await(co)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		j, err = exec.Go(co.Local(), func(*exec.Co) (int, error) { return a.Read(make([]byte, 1)) })
		require.NoError(t, err)
		require.NoError(t, co.Sleep(time.Millisecond))
		require.NoError(t, a.CloseRead()) // which ends a Read that is under way
		_, err = j.Await(co)
		require.Equal(t, io.EOF, err)
	})
}

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
