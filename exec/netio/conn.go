package netio

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"syscall"
	"time"

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

	socket
	wary bool // a read of less than was asked for may not be all: the other side has closed, or sends urgent data
	eof  bool // the other side has closed, and a read has said so

	reset bool // Close is to reset it: SetLinger(0)

	fault   syscall.Errno // of the socket, for the next read
	tls     *TLSConn      // that is over it, or nil
	buf     []byte        // what Peek has read, in a buffer of the Reactor's, or nil
	at, end int           // buf[at:end] has not been consumed

	serving  serving
	onClose  func(c *Conn, why error)
	onReset  func(c *Conn)
	limits   limits
	listener *Listener // that it came from, or nil
	ends     ends
}

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

// Reactor returns the Reactor that the connection belongs to.
func (c *Conn) Reactor() *Reactor { return c.r }

// Close closes the connection and ends the Reads and Writes that are under way, with
// net.ErrClosed. What the other side has sent and nobody has read is lost, and then the
// kernel tells it so by a reset: see CloseWrite. Any goroutine may call it; elsewhere than
// on the loop it returns before the loop has closed the socket. The error of a second call
// is net.ErrClosed.
func (c *Conn) Close() error {
	if c.closed.Swap(true) {
		return c.fail("close", net.ErrClosed)
	}
	if c.r.l.OnLoop() {
		c.shut()
	} else {
		c.r.attention.want(&c.socket)
	}
	return nil
}

// closeFor closes the connection from within, for a reason that is counted.
func (c *Conn) closeFor(cause error, counter int) {
	if c.closed.Swap(true) {
		return
	}
	c.cause = cause
	c.r.counters[counter]++
	c.shut()
}

// shut ends a closed connection, on the loop.
func (c *Conn) shut() {
	if c.fd < 0 {
		return
	}
	c.limits.stop()
	if c.serving.waits {
		c.unwait()
	}
	if c.tls == nil || !c.tls.lingers() {
		c.closeSocket()
	}
	c.wakeAll()
	if f := c.onClose; f != nil {
		c.onClose = nil
		f(c, c.cause)
	}
}

// closeSocket closes the socket, and lets go of what the connection has of the Reactor's.
func (c *Conn) closeSocket() {
	c.forget()
	if c.listener != nil {
		c.listener.left()
	}
	if c.tls != nil {
		c.tls.drop()
	}
	if !c.serving.on { // a handler may still look at what it was shown
		c.release()
	}
}

// OnClose has f called on the loop when the connection is closed, by whomever: also from
// within, while no coroutine serves it that could notice. Then why is ErrIdle, ErrLifetime or
// the like; it is nil if Close was called or the Handler has returned. There is one f at most,
// which must not wait; nil takes it back. It is called on the loop.
func (c *Conn) OnClose(f func(c *Conn, why error)) { c.onClose = f }

// OnReset has f called on the loop, once, when the other side has reset the connection or the
// kernel has given it up: at once, also while nobody reads or writes it that would meet the
// error. An orderly end is none: after that the other side may still read. There is one f at
// most, which must not wait; nil takes it back. It is called on the loop.
func (c *Conn) OnReset(f func(c *Conn)) { c.onReset = f }

// quiesce implements file.
func (c *Conn) quiesce() {
	if c.serving.waits || c.serving.idle {
		c.closeFor(ErrDraining, cDrained)
	}
}

// abandon implements file.
func (c *Conn) abandon() {
	c.closeFor(net.ErrClosed, cAbandoned)
	c.shut() // what another goroutine has closed has perhaps not been looked at
	if c.fd >= 0 && c.r.over {
		c.r.counters[cUnsent]++
		c.closeSocket() // the coroutine that was to do it has never begun
	}
}

// CloseWrite closes the writing side: the other side reads io.EOF after what was written.
// Reading goes on. It is called on the loop.
func (c *Conn) CloseWrite() error { return c.shutdown("close", shutWrite) }

// CloseRead closes the reading side.
func (c *Conn) CloseRead() error { return c.shutdown("close", shutRead) }

// SetLinger says what Close does with what the other side has not yet taken, as it does for a
// net.TCPConn: sec < 0, the default, sends it in the background; sec == 0 throws it away and
// resets the connection, which is how to pass on that something has failed; a TLSConn does not send
// a close_notify then, either: the other side is not to take what it has for all. A limit, sec > 0,
// is an error: with it the kernel waits in close, and the loop with it. It is called on the loop.
func (c *Conn) SetLinger(sec int) error {
	if !c.r.l.OnLoop() {
		return c.fail("set", ErrNotOnLoop)
	}
	if sec > 0 {
		return c.fail("set", fmt.Errorf("SetLinger of %d seconds would stop the loop in Close: it must be 0, or negative for no limit", sec))
	}
	if c.closed.Load() {
		return c.fail("set", c.reason())
	}
	err := sysLinger(c.fd, sec)
	if err == nil {
		c.reset = sec == 0
	}
	return c.fail("set", err)
}

func (c *Conn) shutdown(op string, how int) error {
	if !c.r.l.OnLoop() {
		return c.fail(op, ErrNotOnLoop)
	}
	if c.closed.Load() {
		return c.fail(op, c.reason())
	}
	return c.fail(op, sysShutdown(c.fd, how))
}

// SetDeadline sets the time from which Reads and Writes fail with os.ErrDeadlineExceeded,
// those that are under way, too. The zero time is none. Any goroutine may call it.
func (c *Conn) SetDeadline(t time.Time) error { return c.setDeadline(t, &c.in, &c.out) }

// SetReadDeadline is SetDeadline for Reads.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.setDeadline(t, &c.in) }

// SetWriteDeadline is SetDeadline for Writes.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.setDeadline(t, &c.out) }

func (c *Conn) setDeadline(t time.Time, sides ...*side) error {
	return c.fail("set", c.moveDeadline(t, sides))
}

// LocalAddr returns the address of this side. Any goroutine may call it.
func (c *Conn) LocalAddr() net.Addr { return c.addr(c.ends.local, c.ends.unixLocal) }

// RemoteAddr returns the address of the other side. Any goroutine may call it.
func (c *Conn) RemoteAddr() net.Addr { return c.addr(c.ends.remote, c.ends.unixRemote) }

// RemoteAddrPort returns the address of the other side, without allocating. It is the zero
// AddrPort for a Unix domain socket.
func (c *Conn) RemoteAddrPort() netip.AddrPort { return c.ends.remote }

var (
	_ net.Conn                        = (*Conn)(nil)
	_ io.ReaderFrom                   = (*Conn)(nil)
	_ interface{ CloseWrite() error } = (*Conn)(nil)
)

// Co returns the coroutine that calls it, or nil if that is none of the connection's Exec.
func (c *Conn) Co() *exec.Co { return c.r.l.Current() }

// fail makes err what a net.Conn returns.
func (c *Conn) fail(op string, err error) error {
	if err == nil {
		return nil
	}
	var already *net.OpError
	if errors.As(err, &already) {
		return err
	}
	return &net.OpError{Op: op, Net: c.kind.String(), Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}
