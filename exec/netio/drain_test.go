package netio_test

import (
	"crypto/tls"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// A drain closes those that wait between two requests, and leaves the others to end.
func TestDrain(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	_, addr := h.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		if b, err := c.Peek(1); err != nil || b[0] == 'w' {
			if err == nil {
				c.Discard(1)
			}
			return netio.Wait
		}
		_, err := c.Peek(2)
		require.NoError(t, err)
		_, err = c.Write([]byte("ok"))
		return err
	}})
	waits, busy := dial(t, addr), dial(t, addr)
	_, err := waits.Write([]byte("w"))
	require.NoError(t, err)
	_, err = busy.Write([]byte("b"))
	require.NoError(t, err)
	eventually(t, "one waits, and one is served", func() bool { s := h.r.Stats(); return s.Waiting == 1 && s.BytesIn == 2 })
	drained := make(chan error)
	go func() { drained <- drain(t, h.x, time.Minute) }()
	_, err = waits.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
	_, err = net.Dial("tcp", addr)
	require.Error(t, err)
	_, err = busy.Write([]byte("b"))
	require.NoError(t, err)
	got, err := io.ReadAll(busy)
	require.NoError(t, err)
	require.Equal(t, "ok", string(got))
	require.NoError(t, take(t, drained))
	s := h.r.Stats()
	require.EqualValues(t, []uint64{1, 0, 0}, []uint64{s.Drained, s.Abandoned, s.Failed})
	require.Zero(t, s.Conns+s.Waiting)
}

// Await knows of a drain: that of one who is in it, and that of one who comes to it.
func TestAwaitInADrain(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{OnError: func(_ *netio.Conn, err error) { t.Error(err) }})
	errs := make(chan error, 2)
	_, addr := h.listen(netio.ListenConfig{Handle: func(co *exec.Co, c *netio.Conn) error {
		b, err := c.Peek(1)
		require.NoError(t, err)
		c.Discard(1)
		if b[0] == 'b' { // is busy until the drain
			for !c.Reactor().Draining() {
				require.NoError(t, co.Sleep(time.Millisecond))
			}
			_, err := c.Write([]byte("done"))
			require.NoError(t, err)
		}
		err = c.Await()
		errs <- err
		return err
	}})
	a, b := dial(t, addr), dial(t, addr)
	for c, s := range map[io.Writer]string{a: "a", b: "b"} {
		_, err := c.Write([]byte(s))
		require.NoError(t, err)
	}
	eventually(t, "both are served", func() bool { return h.r.Stats().BytesIn == 2 })
	require.NoError(t, drain(t, h.x, time.Minute))
	for range 2 {
		require.ErrorIs(t, take(t, errs), netio.ErrDraining)
	}
	got, err := io.ReadAll(b)
	require.NoError(t, err)
	require.Equal(t, "done", string(got))
	got, err = io.ReadAll(a)
	require.NoError(t, err)
	require.Empty(t, got)
	s := h.r.Stats()
	require.EqualValues(t, 2, s.Drained)
	require.Zero(t, s.Failed+s.Abandoned)
}

// talker is a Conn or a TLSConn, for handlers that serve both.
type talker interface {
	net.Conn
	Await() error
	Peek(n int) ([]byte, error)
	Discard(n int)
}

// repeat answers what has come: each byte with itself.
func repeat(c talker) error {
	b, err := c.Peek(1)
	if err == nil {
		_, err = c.Write(b)
		c.Discard(len(b))
	}
	return err
}

func repeatInLoop(c talker) error {
	for {
		if err := c.Await(); err != nil {
			return err
		}
		if err := repeat(c); err != nil {
			return err
		}
	}
}

func repeatAndWait(c talker) error {
	if err := repeat(c); err != nil {
		return err
	}
	return netio.Wait
}

// A request that has come when a drain begins is answered, also if nobody has been told of it.
func TestDrainAnswersWhatHasCome(t *testing.T) {
	for name, h := range map[string]func(c talker) error{"Await": repeatInLoop, "Wait": repeatAndWait} {
		for _, secure := range []bool{false, true} {
			if secure {
				name += ", TLS"
			}
			t.Run(name, func(t *testing.T) { drainAfterRequest(t, secure, h) })
		}
	}
}

func drainAfterRequest(t *testing.T, secure bool, repeat func(c talker) error) {
	h := begin(t, exec.Config{}, netio.Config{})
	conns := make(chan *netio.Conn, 10)
	handle := func(_ *exec.Co, c *netio.Conn) error {
		conns <- c
		return repeat(c)
	}
	if secure {
		var err error
		handle, err = netio.ServeTLS(netio.TLSConfig{TLS: serverTLS()}, func(_ *exec.Co, c *netio.TLSConn) error {
			conns <- c.Conn()
			return repeat(c)
		})
		require.NoError(t, err)
	}
	_, addr := h.listen(netio.ListenConfig{Handle: handle})
	raw := &corked{Conn: dial(t, addr)}
	c := net.Conn(raw)
	if secure {
		c = tls.Client(raw, clientTLS())
	}
	b := make([]byte, 1)
	request := func(s string) {
		_, err := io.WriteString(c, s)
		require.NoError(t, err)
	}
	request("a")
	_, err := io.ReadFull(c, b)
	require.NoError(t, err)
	served := take(t, conns)
	request("b")
	_, err = io.ReadFull(c, b)
	require.NoError(t, err)
	h.do(func(*exec.Local) {
		request("c")
		eventually(t, "it has come", served.Arrived)
		h.r.Drain()
	})
	_, err = io.ReadFull(c, b)
	require.NoError(t, err)
	require.Equal(t, "c", string(b))
	_, err = c.Read(b)
	require.Equal(t, io.EOF, err)
	eventually(t, "it is closed", func() bool { s := h.r.Stats(); return s.Conns == 0 && s.Drained == 1 && s.Failed == 0 })
}

// One who always sends more does not hold up a drain for good.
func TestDrainEndsWhoeverSends(t *testing.T) {
	for name, wait := range map[string]bool{"Await": false, "Wait": true} {
		t.Run(name, func(t *testing.T) {
			h := begin(t, exec.Config{}, netio.Config{})
			var c net.Conn
			drained, late := make(chan struct{}), 0
			more := func(served *netio.Conn) {
				_, err := io.WriteString(c, "x")
				require.NoError(t, err)
				eventually(t, "it has come", served.Arrived)
			}
			_, addr := h.listen(netio.ListenConfig{Handle: func(_ *exec.Co, served *netio.Conn) error {
				for {
					if !wait {
						if err := served.Await(); err != nil {
							return err
						}
					}
					if err := repeat(served); err != nil {
						return err
					}
					if h.r.Draining() {
						late++
						more(served)
					} else {
						h.r.Local().Spawn(exec.Func(func(*exec.Local) {
							more(served)
							h.r.Drain()
							close(drained)
						}))
					}
					if wait {
						return netio.Wait
					}
				}
			}})
			h.do(func(*exec.Local) { c = dial(t, addr) })
			_, err := io.WriteString(c, "x")
			require.NoError(t, err)
			await(t, drained)
			eventually(t, "it is closed", func() bool { s := h.r.Stats(); return s.Conns == 0 && s.Drained == 1 && s.Failed == 0 })
			h.do(func(*exec.Local) { require.Equal(t, 2, late, "the request that had come, and one more look") })
		})
	}
}
