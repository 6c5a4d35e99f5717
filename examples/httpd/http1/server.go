package http1

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"syscall"
	"time"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// Handler answers one request, in the coroutine of its connection. It may wait, as coroutines
// do, and must not block. An answer that it does not give is an empty one. Its error ends
// the connection; before, if there is no answer yet, the client is told the status of an
// [Error], or 500.
type Handler func(co *exec.Co, w *Response, r *Request) error

// Server answers the requests of the connections of one loop.
type Server struct {
	l     *exec.Local
	cfg   Config
	h     Handler
	r     *netio.Reactor
	heads heads
	free  []*exchange // the one that came back last is last
	pipes []*pipe     // the same
	stats Stats

	refused int // connections that Refuse keeps
}

// New makes a server for the loop of r. Its Serve goes into the ListenConfig of listeners on
// that loop.
func New(r *netio.Reactor, h Handler, cfg Config) (*Server, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if h == nil {
		return nil, errors.New("http1: there is no Handler")
	}
	if have := r.ReadBuffer(); have < cfg.MaxHeader {
		return nil, fmt.Errorf("http1: Config.MaxHeader is %d: it must not be more than the ReadBuffer of the Reactor, which is %d", cfg.MaxHeader, have)
	}
	l := r.Local()
	return &Server{l: l, cfg: cfg, h: h, r: r, heads: heads{l: l, name: cfg.Name}}, nil
}

// Serve answers the requests that have come on c, and those that come meanwhile. It is a
// netio.Handler.
func (s *Server) Serve(co *exec.Co, c *netio.Conn) error { return s.serve(co, c) }

// serve is Serve, with and without TLS.
func (s *Server) serve(co *exec.Co, c conn) error {
	if err := ended(c.Await()); err != nil {
		if gone(err) {
			return nil
		}
		return err
	}
	x := s.get(co, c)
	err := x.serve()
	if co.Err() == nil { // otherwise a reader may still use it
		s.put(x)
	}
	if err != netio.Wait && gone(err) {
		if co.Err() != nil { // it is we who go
			s.stats.Cut++
		} else {
			s.stats.Gone++
		}
		return nil
	}
	return err
}

// MaxRefused is how many connections Refuse keeps at once, which the MaxConns of a Reactor must
// have room for; those beyond are closed without a linger.
const MaxRefused = 64

// Refuse tells a client that there are too many connections, and lingers (Config.Linger), so that
// one who is sending his request meanwhile can read that. It is for the Refuse of a
// netio.ListenConfig.
func (s *Server) Refuse(c *netio.Conn) {
	_, err := c.TryWrite([]byte("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"))
	if err != nil || s.refused == MaxRefused {
		return
	}
	s.refused++
	c.OnClose(func(*netio.Conn, error) { s.refused-- })
	_ = c.Serve(func(_ *exec.Co, c *netio.Conn) error {
		linger(c, s.cfg.Linger)
		return nil
	})
}

// comings are the errors that are no failures: clients come and go, and so do servers.
var comings = []error{
	io.EOF, net.ErrClosed, os.ErrDeadlineExceeded, syscall.ECONNRESET, syscall.EPIPE,
	netio.ErrDraining, netio.ErrIdle, netio.ErrLifetime, exec.ErrCancelled,
}

func gone(err error) bool {
	return err != nil && slices.ContainsFunc(comings, func(e error) bool { return errors.Is(err, e) })
}

// serve answers requests until there are none, which it says by netio.Wait, or the
// connection is to be closed.
func (x *exchange) serve() error {
	b, err := x.c.Peek(0)
	for err == nil {
		n, bad := x.req.parse(b[:min(len(b), x.s.cfg.MaxHeader)], x.s.cfg.MaxFields)
		if n == 0 && bad == nil {
			b, n, bad, err = x.more(b)
			if err != nil {
				return err
			}
		}
		x.s.stats.Requests++
		if bad != nil {
			return x.refuse(bad)
		}
		if err := x.answer(b, n); err != nil {
			return err
		}
		if x.size > 0 { // nobody has read since
			b = b[x.size:]
		} else {
			b, err = x.c.Peek(0)
		}
		if x.last || len(b) == 0 {
			return x.pause()
		}
	}
	return err
}

// pause sends the answers when there is nothing more to answer for now.
func (x *exchange) pause() error {
	switch {
	case !x.last:
		if err := x.flush(); err != nil {
			return err
		}
		return netio.Wait
	case x.linger || x.c.Buffered() > 0:
		return x.close()
	}
	return x.flush()
}

// more reads until there is a whole head, of n bytes. in is all that has been read then.
func (x *exchange) more(b []byte) (in []byte, n int, bad *Error, err error) {
	if err := x.flush(); err != nil {
		return nil, 0, nil, err
	}
	limit := x.s.cfg.MaxHeader
	_ = x.c.SetReadDeadline(time.Now().Add(x.s.cfg.HeaderTimeout))
	for n == 0 && bad == nil {
		have := len(b)
		if have >= limit {
			if x.req.inLine {
				return nil, 0, errLineLong, nil
			}
			return nil, 0, errHeadLong, nil
		}
		b, err = x.c.Peek(have + 1)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return nil, 0, errHeadSlow, nil
		}
		if err != nil {
			return nil, 0, nil, ended(err)
		}
		if hasLF(b[have:]) || len(b) >= limit {
			n, bad = x.req.parse(b[:min(len(b), limit)], x.s.cfg.MaxFields)
		}
	}
	_ = x.c.SetReadDeadline(time.Time{})
	return b, n, bad, nil
}

func hasLF(b []byte) bool {
	for _, c := range b {
		if c == '\n' {
			return true
		}
	}
	return false
}
