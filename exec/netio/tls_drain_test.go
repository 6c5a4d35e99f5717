package netio_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

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

// A drain does not wait for those who have not begun with the handshake, but for those who
// have.
func TestTLSDrainBeforeHandshake(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	handle, err := netio.ServeTLS(netio.TLSConfig{TLS: serverTLS(), HandshakeTimeout: time.Minute}, func(_ *exec.Co, c *netio.TLSConn) error {
		b, err := c.Peek(5)
		if err != nil {
			return err
		}
		_, err = c.Write(b)
		return err
	})
	require.NoError(t, err)
	_, addr := h.listen(netio.ListenConfig{Handle: handle})
	silent := dial(t, addr)
	first := &firstByte{Conn: dial(t, addr), sent: make(chan struct{}), goOn: make(chan struct{})}
	c := tls.Client(first, clientTLS())
	shaken := make(chan error, 1)
	go func() { shaken <- c.Handshake() }()
	await(t, first.sent)
	eventually(t, "it has begun", func() bool { s := h.r.Stats(); return s.Conns == 2 && s.BytesIn > 0 })
	drained := make(chan error, 1)
	go func() { drained <- drain(t, h.x, time.Minute) }()
	_, err = silent.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
	close(first.goOn)
	require.NoError(t, take(t, shaken))
	_, err = c.Write([]byte("hello"))
	require.NoError(t, err)
	got, err := io.ReadAll(c)
	require.NoError(t, err)
	require.Equal(t, "hello", string(got))
	require.NoError(t, take(t, drained))
	s := h.r.Stats()
	require.EqualValues(t, []uint64{1, 1, 0, 0}, []uint64{s.Drained, s.Handshakes, s.HandshakeErrors, s.Failed})
}

// firstByte is a connection whose first write waits after one byte.
type firstByte struct {
	net.Conn
	sent, goOn chan struct{}
	once       sync.Once
}

func (f *firstByte) Write(b []byte) (n int, err error) {
	f.once.Do(func() {
		n, err = f.Conn.Write(b[:1])
		close(f.sent)
		<-f.goOn
	})
	if err != nil {
		return n, err
	}
	m, err := f.Conn.Write(b[n:])
	return n + m, err
}

// A request that has been decrypted is answered in a drain: Await returns it.
func TestTLSAwaitDecrypted(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	awaits, peeked := make(chan error, 2), make(chan struct{})
	addr := h.listenTLS(serverTLS(), func(co *exec.Co, c *netio.TLSConn) error {
		if _, err := c.Peek(1); err != nil {
			return err
		}
		c.Discard(1)
		close(peeked)
		for !h.r.Draining() {
			if err := co.Sleep(time.Millisecond); err != nil {
				return err
			}
		}
		awaits <- c.Await()
		c.Discard(c.Buffered())
		awaits <- c.Await()
		return nil
	})
	c := dialTLS(t, addr, clientTLS())
	_, err := c.Write([]byte("ab"))
	require.NoError(t, err)
	await(t, peeked)
	require.NoError(t, drain(t, h.x, time.Minute))
	require.NoError(t, take(t, awaits))
	require.ErrorIs(t, take(t, awaits), netio.ErrDraining)
}

// What has come is a part of a record, which is no request: it does not hold up a drain.
func TestDrainOfHalfARecord(t *testing.T) {
	for name, repeat := range map[string]func(c talker) error{"Await": repeatInLoop, "Wait": repeatAndWait} {
		t.Run(name, func(t *testing.T) {
			h := begin(t, exec.Config{}, netio.Config{})
			conns := make(chan *netio.Conn, 10)
			addr := h.listenTLS(serverTLS(), func(_ *exec.Co, c *netio.TLSConn) error {
				conns <- c.Conn()
				return repeat(c)
			})
			raw := &corked{Conn: dial(t, addr)}
			c := tls.Client(raw, clientTLS())
			_, err := io.WriteString(c, "a")
			require.NoError(t, err)
			b := make([]byte, 1)
			_, err = io.ReadFull(c, b)
			require.NoError(t, err)
			served := take(t, conns)
			raw.cork = true
			_, err = io.WriteString(c, "b")
			require.NoError(t, err)
			h.do(func(*exec.Local) {
				_, err := raw.Conn.Write(raw.held[:len(raw.held)-1])
				require.NoError(t, err)
				eventually(t, "it has come", served.Arrived)
				h.r.Drain()
			})
			_, err = c.Read(b)
			require.Equal(t, io.EOF, err)
			eventually(t, "it is closed", func() bool { s := h.r.Stats(); return s.Conns == 0 && s.Drained == 1 && s.Failed == 0 })
		})
	}
}
