package netio_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

func TestTLSConfig(t *testing.T) {
	for _, c := range []struct {
		cfg  netio.TLSConfig
		says string
	}{
		{netio.TLSConfig{}, "TLSConfig.TLS is nil"},
		{netio.TLSConfig{TLS: &tls.Config{Renegotiation: tls.RenegotiateFreelyAsClient}}, "Renegotiation is 2: it must be RenegotiateNever"},
		{netio.TLSConfig{TLS: serverTLS(), HandshakeTimeout: -1}, "HandshakeTimeout is -1ns"},
		{netio.TLSConfig{TLS: serverTLS(), CloseTimeout: -time.Second}, "CloseTimeout is -1s"},
		{netio.TLSConfig{TLS: clientTLS(), Client: true}, "Client is set, and ServeTLS is for servers"},
	} {
		_, err := netio.ServeTLS(c.cfg, echoTLS)
		require.ErrorContains(t, err, c.says)
	}
	h := begin(t, exec.Config{}, netio.Config{})
	_, addr := h.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		_, err := netio.TLS(c, netio.TLSConfig{})
		return err
	}})
	_, err := dial(t, addr).Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
	h.co(func(*exec.Co) {
		c, err := h.r.Dial("tcp", addr, netio.DialConfig{})
		require.NoError(t, err)
		done := make(chan error, 1)
		go func() {
			_, err := netio.TLS(c, netio.TLSConfig{TLS: clientTLS(), Client: true})
			done <- err
		}()
		require.ErrorIs(t, take(t, done), netio.ErrNotOnLoop)
	})
}

// A handler that waits is called again for every bit of data, however it comes: whole records
// that crypto/tls has read ahead, what is left of one, pieces of one.
func TestTLSWait(t *testing.T) {
	versions(t, func(t *testing.T, server, client *tls.Config) {
		h := begin(t, exec.Config{}, netio.Config{})
		var calls, bytesRead atomic.Int64
		addr := h.listenTLS(server, func(_ *exec.Co, c *netio.TLSConn) error {
			calls.Add(1)
			var b [3]byte
			n, err := c.Read(b[:]) // less than there is
			bytesRead.Add(int64(n))
			if err != nil {
				require.Equal(t, io.EOF, err)
				return nil
			}
			if _, err := c.Write(b[:n]); err != nil {
				return err
			}
			return netio.Wait
		})
		raw := &pieces{Conn: dial(t, addr)}
		c := tls.Client(raw, client)
		require.NoError(t, c.Handshake())
		text := func(s string) {
			got := make([]byte, len(s))
			_, err := io.ReadFull(c, got)
			require.NoError(t, err)
			require.Equal(t, s, string(got))
		}
		send := func(s string) {
			_, err := c.Write([]byte(s))
			require.NoError(t, err)
		}
		send("one record of which the handler takes three bytes at a time")
		text("one record of which the handler takes three bytes at a time")
		raw.hold = true // several records in one segment
		send("abc")
		send("def")
		send("ghi")
		raw.hold = false
		require.NoError(t, raw.flush(1<<20))
		text("abcdefghi")
		eventually(t, "it waits", func() bool { return h.r.Stats().Waiting == 1 })
		before := calls.Load()
		raw.hold = true // one record in pieces, each of which is an event
		send("jkl")
		raw.hold = false
		for len(raw.kept) > 0 {
			events := h.r.Stats().Events
			require.Equal(t, before, calls.Load()) // nobody is called for a part of a record
			require.NoError(t, raw.flush(5))
			eventually(t, "it has come", func() bool { return h.r.Stats().Events > events })
		}
		text("jkl")
		eventually(t, "it waits", func() bool { return h.r.Stats().Waiting == 1 })
		require.NoError(t, c.CloseWrite())
		_, err := c.Read(make([]byte, 1))
		require.Equal(t, io.EOF, err)
		require.EqualValues(t, len("one record of which the handler takes three bytes at a time")+12, bytesRead.Load())
		eventually(t, "all are closed", func() bool { s := h.r.Stats(); return s.Conns == 0 && s.Waiting == 0 && s.Failed == 0 })
	})
}

// pieces is a connection that keeps what is written until it is told to send some of it.
type pieces struct {
	net.Conn
	hold bool
	kept []byte
}

func (p *pieces) Write(b []byte) (int, error) {
	if p.hold {
		p.kept = append(p.kept, b...)
		return len(b), nil
	}
	return p.Conn.Write(b)
}

func (p *pieces) flush(n int) error {
	n = min(n, len(p.kept))
	_, err := p.Conn.Write(p.kept[:n])
	p.kept = p.kept[n:]
	return err
}

// What Peek has shown is kept over a Wait, and is no reason to be called again.
func TestTLSPeek(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{ReadBuffer: 1000})
	var calls atomic.Int64
	addr := h.listenTLS(serverTLS(), func(_ *exec.Co, c *netio.TLSConn) error {
		calls.Add(1)
		b, err := c.Peek(1)
		if err != nil {
			return nil
		}
		if b[len(b)-1] != '\n' {
			return netio.Wait
		}
		_, err = c.Peek(1001)
		require.ErrorContains(t, err, "1001 bytes are more than the 1000 of Config.ReadBuffer")
		require.Panics(t, func() { c.Discard(len(b) + 1) })
		require.Equal(t, len(b), c.Buffered())
		if _, err := c.Write(b); err != nil {
			return err
		}
		c.Discard(len(b))
		return netio.Wait
	})
	c := dialTLS(t, addr, clientTLS())
	for i := range int64(3) {
		for j, part := range []string{"he", "ll", "o\n"} {
			eventually(t, "it waits", func() bool { return h.r.Stats().Waiting == 1 || i+int64(j) == 0 })
			_, err := c.Write([]byte(part))
			require.NoError(t, err)
			eventually(t, "it was called", func() bool { return calls.Load() >= 3*i+int64(j)+1 })
		}
		got := make([]byte, 6)
		_, err := io.ReadFull(c, got)
		require.NoError(t, err)
		require.Equal(t, "hello\n", string(got))
		require.Equal(t, 3*(i+1), calls.Load())
	}
	// A line that comes at once in many records.
	long := strings.Repeat("x", 998) + "\n"
	eventually(t, "it waits", func() bool { return h.r.Stats().Waiting == 1 })
	for i := range len(long) {
		_, err := c.Write([]byte(long[i : i+1]))
		require.NoError(t, err)
	}
	got := make([]byte, len(long))
	_, err := io.ReadFull(c, got)
	require.NoError(t, err)
	require.Equal(t, long, string(got))
	_ = c.Close()
	eventually(t, "all are closed", func() bool { s := h.r.Stats(); return s.Conns == 0 && s.Failed == 0 })
}

// A peer that connects and says nothing, or only little, is not waited for.
func TestTLSSlowHandshake(t *testing.T) {
	errs := make(chan error, 2)
	h := begin(t, exec.Config{}, netio.Config{OnError: func(_ *netio.Conn, err error) { errs <- err }})
	handle, err := netio.ServeTLS(netio.TLSConfig{TLS: serverTLS(), HandshakeTimeout: 50 * time.Millisecond}, echoTLS)
	require.NoError(t, err)
	_, addr := h.listen(netio.ListenConfig{Handle: handle})
	for _, says := range []string{"", "\x16\x03\x01\x02\x00\x01\x00"} {
		c := dial(t, addr)
		_, err = io.WriteString(c, says)
		require.NoError(t, err)
		err = take(t, errs)
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		var timeout net.Error
		require.ErrorAs(t, err, &timeout)
		require.True(t, timeout.Timeout())
		_, err = io.ReadAll(c)
		require.NoError(t, err) // it was closed
	}
	// The same as the client.
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	h.co(func(co *exec.Co) {
		c, err := h.r.Dial("tcp", ln.Addr().String(), netio.DialConfig{})
		require.NoError(t, err)
		_, err = netio.TLS(c, netio.TLSConfig{TLS: clientTLS(), Client: true, HandshakeTimeout: 20 * time.Millisecond})
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		c, err = h.r.Dial("tcp", ln.Addr().String(), netio.DialConfig{})
		require.NoError(t, err)
		_ = co.Within(20*time.Millisecond, func() error { // a limit of the caller's
			_, err = netio.TLS(c, netio.TLSConfig{TLS: clientTLS(), Client: true})
			return nil
		})
		require.ErrorIs(t, err, exec.ErrTimeout)
		c, err = h.r.Dial("tcp", ln.Addr().String(), netio.DialConfig{})
		require.NoError(t, err)
		go func() { time.Sleep(10 * time.Millisecond); _ = c.Close() }()
		_, err = netio.TLS(c, netio.TLSConfig{TLS: clientTLS(), Client: true})
		require.ErrorIs(t, err, net.ErrClosed)
	})
	eventually(t, "all are closed", func() bool { s := h.r.Stats(); return s.Conns == 0 && s.HandshakeErrors == 5 })
}

// What was written and not taken is sent after Close, also if the Exec drains meanwhile.
func TestTLSLinger(t *testing.T) {
	for _, how := range []string{"close", "drain", "close elsewhere", "never read"} {
		t.Run(how, func(t *testing.T) {
			h := begin(t, exec.Config{}, netio.Config{})
			total := make(chan int, 1)
			timeout := time.Minute
			if how == "never read" {
				timeout = 50 * time.Millisecond
			}
			handle, err := netio.ServeTLS(netio.TLSConfig{TLS: serverTLS(), CloseTimeout: timeout}, func(_ *exec.Co, c *netio.TLSConn) error {
				sent := h.fill(c)
				if how == "close elsewhere" {
					go func() { time.Sleep(5 * time.Millisecond); _ = c.Close() }()
					n, err := c.Write(make([]byte, 100<<20))
					require.ErrorIs(t, err, net.ErrClosed)
					sent += n
				}
				total <- sent
				return nil
			})
			require.NoError(t, err)
			_, addr := h.listen(netio.ListenConfig{Handle: handle})
			w := &watched{Conn: dial(t, addr)}
			c := tls.Client(w, clientTLS())
			require.NoError(t, c.Handshake())
			sent := take(t, total)
			require.EqualValues(t, 1, h.r.Stats().Conns)
			drained := make(chan error, 1)
			if how == "drain" {
				go func() { drained <- drain(t, h.x, time.Minute) }()
				time.Sleep(20 * time.Millisecond)
			}
			if how == "never read" {
				eventually(t, "it gives up", func() bool { s := h.r.Stats(); return s.Conns == 0 && s.Unsent == 1 })
				return
			}
			n, err := io.Copy(io.Discard, c)
			require.NoError(t, err)
			require.EqualValues(t, sent, n)
			require.False(t, w.eof, "there is a close_notify")
			if how == "drain" {
				require.NoError(t, take(t, drained))
			}
			eventually(t, "all are closed", func() bool { return h.r.Stats().Conns == 0 })
			s := h.r.Stats()
			require.Zero(t, s.Unsent+s.Abandoned)
		})
	}
}

// Deadlines, limits of the coroutine and Abort end a Read or Write, and not the connection.
func TestTLSInterruptions(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	done := make(chan struct{})
	addr := h.listenTLS(serverTLS(), func(co *exec.Co, c *netio.TLSConn) error {
		defer close(done)
		b := make([]byte, 100)
		require.NoError(t, c.SetReadDeadline(time.Now().Add(5*time.Millisecond)))
		_, err := c.Read(b)
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.True(t, err.(net.Error).Timeout())
		require.NoError(t, c.SetReadDeadline(time.Time{}))
		err = co.Within(5*time.Millisecond, func() error { _, err := c.Read(b); return err })
		require.ErrorIs(t, err, exec.ErrTimeout)
		j, err := exec.Go(co.Local(), func(*exec.Co) (int, error) { return c.Read(b) })
		require.NoError(t, err)
		require.NoError(t, co.Sleep(5*time.Millisecond))
		j.Abort()
		_, err = j.Await(co)
		require.ErrorIs(t, err, exec.ErrCancelled)
		_, err = c.Write([]byte("go"))
		require.NoError(t, err)
		n, err := c.Read(b)
		require.NoError(t, err)
		require.Equal(t, "on", string(b[:n]))
		require.NoError(t, c.SetDeadline(time.Now().Add(-time.Second)))
		_, err = c.Read(b)
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		_, err = c.Write(b)
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.NoError(t, c.SetDeadline(time.Time{}))
		go func() { time.Sleep(5 * time.Millisecond); _ = c.Close() }()
		_, err = c.Read(b)
		require.ErrorIs(t, err, net.ErrClosed)
		_, err = c.Peek(1)
		require.ErrorIs(t, err, net.ErrClosed)
		return nil
	})
	c := dialTLS(t, addr, clientTLS())
	got := make([]byte, 2)
	_, err := io.ReadFull(c, got)
	require.NoError(t, err)
	_, err = c.Write([]byte("on"))
	require.NoError(t, err)
	_, err = c.Read(got)
	require.Equal(t, io.EOF, err)
	await(t, done)
}

// Writes of several coroutines are whole, and so are their Reads.
func TestTLSConcurrent(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	const writers, lines, length = 5, 6, 500_000
	addr := h.listenTLS(serverTLS(), func(co *exec.Co, c *netio.TLSConn) error {
		var joins []*exec.Join[int]
		for i := range writers {
			line := []byte(strings.Repeat(string(rune('a'+i)), length) + "\n")
			j, err := exec.Go(co.Local(), func(*exec.Co) (n int, err error) {
				for range lines {
					if _, err = c.Write(line); err != nil {
						return n, err
					}
				}
				return lines, nil
			})
			require.NoError(t, err)
			joins = append(joins, j)
		}
		for _, j := range joins {
			n, err := j.Await(co)
			require.NoError(t, err)
			require.Equal(t, lines, n)
		}
		return nil
	})
	c := dialTLS(t, addr, clientTLS())
	eventually(t, "one is held up", func() bool { return h.r.Stats().Held > 0 })
	time.Sleep(20 * time.Millisecond) // the others come, too
	s := bufio.NewScanner(c)
	s.Buffer(nil, 2*length)
	n := 0
	for s.Scan() {
		require.Equal(t, strings.Repeat(s.Text()[:1], length), s.Text())
		n++
	}
	require.NoError(t, s.Err())
	require.Equal(t, writers*lines, n)
}

// A drain ends TLS connections that wait, or are in Await, and tells the other side.
func TestTLSDrain(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	addr := h.listenTLS(serverTLS(), func(_ *exec.Co, c *netio.TLSConn) error {
		b := make([]byte, 1)
		for {
			if err := c.Await(); err != nil {
				return err
			}
			if _, err := c.Read(b); err != nil {
				return err
			}
			if b[0] == 'w' {
				return netio.Wait
			}
		}
	})
	ends := make(chan error, 2)
	for _, b := range []string{"w", "a"} {
		w := &watched{Conn: dial(t, addr)}
		c := tls.Client(w, clientTLS())
		_, err := c.Write([]byte(b))
		require.NoError(t, err)
		go func() {
			_, err := io.ReadAll(c)
			if w.eof {
				err = errors.New("no close_notify")
			}
			ends <- err
		}()
	}
	eventually(t, "one waits, the other one is in Await", func() bool { s := h.r.Stats(); return s.Waiting == 1 && s.Handshakes == 2 })
	time.Sleep(5 * time.Millisecond)
	require.NoError(t, drain(t, h.x, time.Minute))
	require.NoError(t, take(t, ends))
	require.NoError(t, take(t, ends))
	s := h.r.Stats()
	require.EqualValues(t, []uint64{2, 0, 0}, []uint64{s.Drained, s.Failed, s.Abandoned})
}

// Code that blocks has the connection through Outside.
func TestTLSOutside(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	addr := h.listenTLS(serverTLS(), func(co *exec.Co, c *netio.TLSConn) error {
		o := c.Outside()
		_, err := exec.Blocking(co, func() (struct{}, error) {
			line, err := bufio.NewReader(o).ReadString('\n')
			if err == nil {
				_, err = io.WriteString(o, strings.ToUpper(line))
			}
			return struct{}{}, err
		})
		require.NoError(t, err)
		_, err = o.Read(make([]byte, 1))
		require.ErrorIs(t, err, exec.ErrOnLoop)
		return nil
	})
	c := dialTLS(t, addr, clientTLS())
	_, err := io.WriteString(c, "hello\n")
	require.NoError(t, err)
	got, err := io.ReadAll(c)
	require.NoError(t, err)
	require.Equal(t, "HELLO\n", string(got))
}

// An idle connection is closed from within, and the other side is told.
func TestTLSIdle(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	for name, handler := range map[string]func(*exec.Co, *netio.TLSConn) error{
		"reads": func(_ *exec.Co, c *netio.TLSConn) error {
			require.NoError(t, c.Conn().SetIdleTimeout(20*time.Millisecond))
			_, err := c.Read(make([]byte, 1))
			require.ErrorIs(t, err, netio.ErrIdle)
			return nil
		},
		"waits": func(_ *exec.Co, c *netio.TLSConn) error {
			require.NoError(t, c.Conn().SetIdleTimeout(20*time.Millisecond))
			return netio.Wait
		},
	} {
		handle, err := netio.ServeTLS(netio.TLSConfig{TLS: serverTLS()}, handler)
		require.NoError(t, err)
		_, addr := h.listen(netio.ListenConfig{Handle: handle, IdleTimeout: 100 * time.Millisecond})
		w := &watched{Conn: dial(t, addr)}
		c := tls.Client(w, clientTLS())
		_, err = io.ReadAll(c)
		require.NoError(t, err, name)
		require.False(t, w.eof, name)
	}
	eventually(t, "both are counted", func() bool { s := h.r.Stats(); return s.Idle == 2 && s.Conns == 0 })
}

// One Handler may serve connections of several Execs at once.
func TestTLSSharedHandler(t *testing.T) {
	handle, err := netio.ServeTLS(netio.TLSConfig{TLS: serverTLS()}, echoTLS)
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 2 {
		_, addr := begin(t, exec.Config{}, netio.Config{}).listen(netio.ListenConfig{Handle: handle})
		for range 5 {
			wg.Go(func() {
				_, _ = tls.Client(dial(t, addr), &tls.Config{RootCAs: newAuthority().pool, ServerName: "wrong.test"}).Write([]byte("x"))
			})
			wg.Go(func() { exchange(t, tls.Client(dial(t, addr), clientTLS()), 1, 1) })
		}
	}
	wg.Wait()
}
