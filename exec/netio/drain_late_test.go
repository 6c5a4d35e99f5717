package netio_test

import (
	"crypto/tls"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

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
			c = dial(t, addr)
			_, err := io.WriteString(c, "x")
			require.NoError(t, err)
			await(t, drained)
			eventually(t, "it is closed", func() bool { s := h.r.Stats(); return s.Conns == 0 && s.Drained == 1 && s.Failed == 0 })
			h.do(func(*exec.Local) { require.Equal(t, 2, late, "the request that had come, and one more look") })
		})
	}
}
