package netio_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net"
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
