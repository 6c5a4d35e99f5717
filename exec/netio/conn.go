package netio

import (
	"io"
	"net"
	"syscall"

	"github.com/pushcore/pushcore/exec"
)

// Conn is a connection that belongs to one loop. It is a net.Conn: Read and Write are for
// coroutines of that loop and suspend them; anyone else gets ErrNotOnLoop. Close and the
// setters of deadlines may be called by any goroutine, and wake who is in a Read or Write.
// All else is for the loop.
//
// Several coroutines may read, or write, the same Conn: each operation is whole before the
// next one begins.
type Conn struct {
	// Data is for the handler, which may return Wait and be called again.
	Data any

	// What each request touches comes first, and in socket the addresses last.

	wary  bool // a read of less than was asked for may not be all: the other side has closed, or sends urgent data
	eof   bool // the other side has closed, and a read has said so
	reset bool // Close is to reset it: SetLinger(0)

	tls     *TLSConn      // that is over it, or nil
	buf     []byte        // what Peek has read, in a buffer of the Reactor's, or nil
	at, end int           // buf[at:end] has not been consumed
	fault   syscall.Errno // of the socket, for the next read
	serving serving
	limits  limits

	onClose  func(c *Conn, why error)
	onReset  func(c *Conn)
	listener *Listener // that it came from, or nil

	socket
}

// Co returns the coroutine that calls it, or nil if that is none of the connection's Exec.
func (c *Conn) Co() *exec.Co { return c.r.l.Current() }

// newConn makes the Conn of a socket, which it owns from then on, also in case of an error.
func (r *Reactor) newConn(fd int, k kind) (*Conn, error) {
	if err := r.full(); err != nil {
		closeFD(fd)
		return nil, err
	}
	return r.register(fd, k)
}

// register is newConn without a look at the limit.
func (r *Reactor) register(fd int, k kind) (*Conn, error) {
	c := new(Conn)
	if err := c.open(r, c, fd, k, readable|writable); err != nil {
		return nil, err
	}
	return c, nil
}

// ready is told by the Reactor what has happened.
func (c *Conn) ready(flags uint32) {
	if flags&(hungUp|urgent) != 0 {
		c.wary = true
	}
	if f := c.onReset; f != nil && flags&lost != 0 {
		c.onReset = nil
		f(c)
		if c.closed.Load() {
			return
		}
	}
	if flags&readable != 0 {
		c.in.may, c.serving.moved = true, true
		if c.in.signal.Waited() {
			c.in.signal.WakeAll()
		} else if c.serving.waits && (c.tls == nil || c.tls.fetch()) {
			c.resume()
		}
	}
	if flags&writable != 0 {
		c.out.may = true
		if c.tls != nil {
			c.tls.flush()
		}
		if c.out.signal.Waited() {
			c.out.signal.WakeAll()
		}
	}
}

var (
	_ net.Conn                        = (*Conn)(nil)
	_ io.ReaderFrom                   = (*Conn)(nil)
	_ interface{ CloseWrite() error } = (*Conn)(nil)
)
