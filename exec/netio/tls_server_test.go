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

// What TryWrite says it has written arrives, and it stops where it would have to wait.
func TestTLSTryWrite(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	type result struct {
		n   int
		err error
	}
	results, conns := make(chan result, 1), make(chan *netio.TLSConn, 1)
	addr := h.listenTLS(serverTLS(), func(co *exec.Co, c *netio.TLSConn) error {
		conns <- c // it has room: this does not block
		b := make([]byte, 1<<20)
		total := 0
		for turns := 0; ; turns++ {
			n, err := c.TryWrite(b)
			total += n
			if n >= len(b) && err == nil {
				err = errors.New("a megabyte in one turn")
			}
			if err == nil && n > 0 {
				err = co.Yield()
			}
			if err != nil || n == 0 {
				results <- result{total, err}
				break
			}
		}
		_, err := c.Read(make([]byte, 1))
		return err
	})
	c := dialTLS(t, addr, clientTLS())
	r := take(t, results)
	require.NoError(t, r.err)
	require.Positive(t, r.n)
	_, err := io.ReadFull(c, make([]byte, r.n))
	require.NoError(t, err)
	server := take(t, conns)
	_, err = server.TryWrite([]byte("x"))
	require.ErrorIs(t, err, netio.ErrNotOnLoop)
	require.NoError(t, c.Close())
	eventually(t, "it is closed", func() bool { return h.r.Stats().Conns == 0 })
	h.do(func(*exec.Local) {
		_, err := server.TryWrite([]byte("x"))
		require.ErrorIs(t, err, net.ErrClosed)
	})
	require.Zero(t, h.r.Stats().Failed)
}

// While a Write is under way TryWrite does not write into the middle of it.
func TestTLSTryWriteInWrite(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	const size = 20 << 20
	conns := make(chan *netio.TLSConn, 1)
	addr := h.listenTLS(serverTLS(), func(_ *exec.Co, c *netio.TLSConn) error {
		conns <- c
		_, err := c.Write(make([]byte, size))
		return err
	})
	c := dialTLS(t, addr, clientTLS())
	server := take(t, conns)
	eventually(t, "it is held up", func() bool { return h.r.Stats().Held > 0 })
	h.do(func(*exec.Local) {
		n, err := server.TryWrite([]byte("x"))
		require.NoError(t, err)
		require.Zero(t, n)
	})
	n, err := io.Copy(io.Discard, c)
	require.NoError(t, err)
	require.EqualValues(t, size, n)
}

// Not even where a Write that never had to wait has given way.
func TestTLSTryWriteInYield(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	const size = 4 << 20
	results := make(chan [2]int, 1)
	addr := h.listenTLS(serverTLS(), func(co *exec.Co, c *netio.TLSConn) error {
		under, looks, wrote := true, 0, 0
		var look exec.Func
		look = func(l *exec.Local) {
			if !under {
				return
			}
			n, err := c.TryWrite([]byte("x"))
			if err == nil {
				looks, wrote = looks+1, wrote+n
			}
			l.Spawn(look)
		}
		co.Local().Spawn(look)
		_, err := c.Write(make([]byte, size))
		under = false
		results <- [2]int{looks, wrote}
		return err
	})
	n, err := io.Copy(io.Discard, dialTLS(t, addr, clientTLS()))
	require.NoError(t, err)
	require.EqualValues(t, size, n)
	r := take(t, results)
	require.Positive(t, r[0])
	require.Zero(t, r[1])
}

// The idle timeout can be set through the TLSConn.
func TestTLSIdleTimeout(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	addr := h.listenTLS(serverTLS(), func(_ *exec.Co, c *netio.TLSConn) error {
		if err := c.SetIdleTimeout(20 * time.Millisecond); err != nil || c.IdleTimeout() != 20*time.Millisecond {
			return errors.New("it is not set")
		}
		return netio.Wait
	})
	_, err := dialTLS(t, addr, clientTLS()).Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
	eventually(t, "it was idle", func() bool { s := h.r.Stats(); return s.Idle == 1 && s.Failed == 0 })
}

// Refuse can answer one who speaks another protocol, and is told of every failure.
func TestTLSRefuse(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	reasons := make(chan error, 1)
	handle, err := netio.ServeTLS(netio.TLSConfig{TLS: serverTLS(), HandshakeTimeout: 50 * time.Millisecond, Refuse: func(c *netio.Conn, err error) {
		reasons <- err
		var re tls.RecordHeaderError
		if errors.As(err, &re) && re.Conn != nil {
			_, _ = c.Write(append([]byte("no: "), re.RecordHeader[:]...))
		}
	}}, echoTLS)
	require.NoError(t, err)
	_, addr := h.listen(netio.ListenConfig{Handle: handle})
	c := dial(t, addr)
	_, err = c.Write([]byte("HELLO"))
	require.NoError(t, err)
	got, err := io.ReadAll(c)
	require.NoError(t, err)
	require.Equal(t, "no: HELLO", string(got))
	require.ErrorAs(t, take(t, reasons), new(tls.RecordHeaderError))
	_, err = dial(t, addr).Read(make([]byte, 1)) // nothing is said
	require.Equal(t, io.EOF, err)
	var late net.Error
	require.ErrorAs(t, take(t, reasons), &late)
	require.True(t, late.Timeout())
	eventually(t, "both are counted", func() bool { s := h.r.Stats(); return s.Conns == 0 && s.HandshakeErrors == 2 })
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
