package netio_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// The cases of golang.org/x/net/nettest's suite for net.Conn, in coroutines: that suite starts
// goroutines of its own, so it is run, as it is, on what Outside returns (internal/interop).
// Deadlines and Close come from goroutines here.
func TestConnSuite(t *testing.T) {
	cases := []struct {
		name string
		f    func(s *suite, a, b net.Conn)
	}{
		{"BasicIO", (*suite).basicIO}, {"PingPong", (*suite).pingPong}, {"RacyRead", (*suite).racyRead},
		{"RacyWrite", (*suite).racyWrite}, {"ReadTimeout", (*suite).readTimeout}, {"WriteTimeout", (*suite).writeTimeout},
		{"PastTimeout", (*suite).pastTimeout}, {"PresentTimeout", (*suite).presentTimeout},
		{"FutureTimeout", (*suite).futureTimeout}, {"CloseTimeout", (*suite).closeTimeout},
		{"ConcurrentMethods", (*suite).concurrentMethods},
	}
	for _, kind := range []string{"tcp", "unix", "TLS"} {
		for _, c := range cases {
			t.Run(kind+"/"+c.name, func(t *testing.T) {
				h := begin(t, exec.Config{}, netio.Config{})
				h.co(func(co *exec.Co) {
					s := &suite{t: t, co: co}
					a, b := s.pair(h, kind)
					c.f(s, a, b)
					_, _ = a.Close(), b.Close()
				})
			})
		}
	}
}

type suite struct {
	t  *testing.T
	co *exec.Co
}

// pair returns the ends of a connection of either kind.
func (s *suite) pair(h *host, kind string) (net.Conn, net.Conn) {
	if kind == "unix" {
		return h.pair("unix", s.t.TempDir()+"/s")
	}
	a, b := h.pair("tcp", "127.0.0.1:0")
	if kind == "tcp" {
		return a, b
	}
	var client, server *netio.TLSConn
	s.all(func() (err error) {
		client, err = netio.TLS(a, netio.TLSConfig{TLS: clientTLS(), Client: true})
		return err
	}, func() (err error) {
		server, err = netio.TLS(b, netio.TLSConfig{TLS: serverTLS()})
		return err
	})
	return client, server
}

// all runs functions in a coroutine each and waits for them.
func (s *suite) all(fs ...func() error) {
	var joins []*exec.Join[struct{}]
	for _, f := range fs {
		j, err := exec.Go(s.co.Local(), func(*exec.Co) (struct{}, error) { return struct{}{}, f() })
		require.NoError(s.t, err)
		joins = append(joins, j)
	}
	for _, j := range joins {
		_, err := j.Await(s.co)
		require.NoError(s.t, err)
	}
}

// timedOut requires the error of a deadline.
func (s *suite) timedOut(err error) error {
	var timeout net.Error
	if !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() {
		return errors.Join(errors.New("this is no timeout"), err)
	}
	return nil
}

// roundtrip requires that a connection still works, of which the other side echoes.
func (s *suite) roundtrip(c net.Conn) {
	require.NoError(s.t, c.SetDeadline(time.Time{}))
	want := []byte("a word that comes back")
	_, err := c.Write(want)
	require.NoError(s.t, err)
	got := make([]byte, len(want))
	_, err = io.ReadFull(c, got)
	require.NoError(s.t, err)
	require.Equal(s.t, want, got)
}

// echoing has c send back what comes while f runs.
func (s *suite) echoing(c net.Conn, f func()) {
	_, err := exec.Go(s.co.Local(), func(*exec.Co) (int64, error) { return io.CopyBuffer(onlyWriter{c}, c, make([]byte, 1024)) })
	require.NoError(s.t, err)
	f()
}

func (s *suite) basicIO(a, b net.Conn) {
	want := random(rand.New(rand.NewPCG(1, 1)), 4<<20)
	var got bytes.Buffer
	s.all(func() error {
		_, err := io.Copy(a, bytes.NewReader(want))
		return errors.Join(err, a.(interface{ CloseWrite() error }).CloseWrite())
	}, func() error {
		_, err := io.Copy(b, b)
		return errors.Join(err, b.(interface{ CloseWrite() error }).CloseWrite())
	}, func() error {
		_, err := io.Copy(&got, a)
		return err
	})
	require.True(s.t, bytes.Equal(want, got.Bytes()))
}

func (s *suite) pingPong(a, b net.Conn) {
	s.echoing(b, func() {
		buf := make([]byte, 8)
		for i := range byte(200) {
			_, err := a.Write(bytes.Repeat([]byte{i}, 8))
			require.NoError(s.t, err)
			_, err = io.ReadFull(a, buf)
			require.NoError(s.t, err)
			require.Equal(s.t, bytes.Repeat([]byte{i}, 8), buf)
		}
	})
}

func (s *suite) racyRead(a, b net.Conn) {
	_, err := exec.Go(s.co.Local(), func(*exec.Co) (int64, error) {
		return io.CopyBuffer(onlyWriter{b}, endless{}, make([]byte, 1024))
	})
	require.NoError(s.t, err)
	s.racy(a, a.Read)
}

func (s *suite) racyWrite(a, b net.Conn) {
	_, err := exec.Go(s.co.Local(), func(*exec.Co) (int64, error) { return io.Copy(io.Discard, b) })
	require.NoError(s.t, err)
	s.racy(a, a.Write)
}

type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }

// racy has several coroutines do the same, while goroutines set the deadline.
func (s *suite) racy(c net.Conn, f func([]byte) (int, error)) {
	var fs []func() error
	for range 10 {
		fs = append(fs, func() error {
			b := make([]byte, 1024)
			for range 30 {
				if _, err := f(b); err != nil {
					if err := s.timedOut(err); err != nil {
						return err
					}
					go func() { _ = c.SetDeadline(time.Now().Add(time.Millisecond)) }()
				}
			}
			return nil
		})
	}
	_ = c.SetDeadline(time.Now().Add(time.Millisecond))
	s.all(fs...)
}

func (s *suite) readTimeout(a, _ net.Conn) {
	go func() { time.Sleep(5 * time.Millisecond); _ = a.SetReadDeadline(time.Unix(1, 0)) }()
	_, err := a.Read(make([]byte, 1024))
	require.NoError(s.t, s.timedOut(err))
}

func (s *suite) writeTimeout(a, _ net.Conn) {
	go func() { time.Sleep(5 * time.Millisecond); _ = a.SetWriteDeadline(time.Unix(1, 0)) }()
	var err error
	for err == nil {
		_, err = a.Write(make([]byte, 1024))
	}
	require.NoError(s.t, s.timedOut(err))
}

func (s *suite) pastTimeout(a, b net.Conn) {
	s.echoing(b, func() {
		require.NoError(s.t, a.SetDeadline(time.Unix(1, 0)))
		n, err := a.Write(make([]byte, 1024))
		require.Zero(s.t, n)
		require.NoError(s.t, s.timedOut(err))
		n, err = a.Read(make([]byte, 1024))
		require.Zero(s.t, n)
		require.NoError(s.t, s.timedOut(err))
		s.roundtrip(a)
	})
}

// presentTimeout moves the deadline to the past while a Read and a Write wait. What was
// written arrives nevertheless, and whole.
func (s *suite) presentTimeout(a, b net.Conn) {
	go func() { time.Sleep(20 * time.Millisecond); _ = a.SetDeadline(time.Unix(1, 0)) }()
	s.waits(a, b)
}

func (s *suite) futureTimeout(a, b net.Conn) {
	require.NoError(s.t, a.SetDeadline(time.Now().Add(20*time.Millisecond)))
	s.waits(a, b)
}

func (s *suite) waits(a, b net.Conn) {
	sent := 0
	s.all(func() error {
		n, err := a.Read(make([]byte, 1024))
		if n != 0 {
			return errors.New("something has come")
		}
		return s.timedOut(err)
	}, func() error {
		for {
			n, err := a.Write(make([]byte, 10_000))
			if sent += n; err != nil {
				return s.timedOut(err)
			}
		}
	})
	_, err := io.CopyN(io.Discard, b, int64(sent))
	require.NoError(s.t, err)
	s.echoing(b, func() { s.roundtrip(a) })
}

func (s *suite) closeTimeout(a, _ net.Conn) {
	require.NoError(s.t, a.SetDeadline(time.Now().Add(time.Hour)))
	go func() { time.Sleep(10 * time.Millisecond); _ = a.Close() }()
	closed := func(err error) error {
		if !errors.Is(err, net.ErrClosed) {
			return errors.Join(errors.New("not net.ErrClosed"), err)
		}
		return nil
	}
	s.all(func() error {
		_, err := a.Read(make([]byte, 1024))
		return closed(err)
	}, func() error {
		var err error
		for err == nil {
			_, err = a.Write(make([]byte, 1024))
		}
		return closed(err)
	})
}

func (s *suite) concurrentMethods(a, b net.Conn) {
	s.echoing(b, func() {
		var fs []func() error
		done := make(chan struct{}, 100)
		for range 100 {
			go func() {
				_ = a.SetDeadline(time.Now().Add(10 * time.Millisecond))
				_ = a.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
				_ = a.SetWriteDeadline(time.Now().Add(10 * time.Millisecond))
				_, _ = a.LocalAddr().String(), a.RemoteAddr().String()
				done <- struct{}{}
			}()
			fs = append(fs, func() error { _, _ = a.Write(make([]byte, 1024)); return nil })
			fs = append(fs, func() error { _, _ = a.Read(make([]byte, 1024)); return nil })
		}
		s.all(fs...)
		_, err := exec.Blocking(s.co, func() (struct{}, error) {
			for range 100 {
				<-done
			}
			return struct{}{}, nil
		})
		require.NoError(s.t, err)
	})
}
