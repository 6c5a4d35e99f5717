package netio

import (
	"io"
	"net"
	"net/netip"
	"sync/atomic"
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

	r    *Reactor
	fd   int
	key  uint64
	kind kind

	closed atomic.Bool // set by whoever closes it; fd is closed on the loop, and then fd is -1
	hup    bool        // the other side has closed: reads go on until they say so
	eof    bool        // and they have
	cause  error       // why it was closed from within, or nil

	in, out  side
	buf      []byte // what Peek has read, in a buffer of the Reactor's, or nil
	at, end  int    // buf[at:end] has not been consumed
	attended attended

	serving  serving
	onClose  func() // or nil
	limits   limits
	listener *Listener // that it came from, or nil
	ends     ends
}

// kind is the kind of a socket.
type kind uint8

const (
	kindTCP kind = iota
	kindUnix
	kindUDP
)

func (k kind) String() string { return [...]string{"tcp", "unix", "udp"}[k] }

func (c *Conn) network() string { return c.kind.String() }

// newConn makes the Conn of a socket, which it owns from then on, also in case of an error.
func (r *Reactor) newConn(fd int, k kind) (*Conn, error) {
	if r.conns >= r.cfg.MaxConns {
		closeFD(fd)
		return nil, tooMany("connections are open (Config.MaxConns)", r.cfg.MaxConns)
	}
	c := &Conn{r: r, fd: fd, kind: k}
	c.in.signal.Init(r.l)
	c.out.signal.Init(r.l)
	c.key = r.table.add(c)
	if err := r.poller.add(fd, c.key); err != nil {
		r.table.remove(c.key)
		closeFD(fd)
		return nil, err
	}
	r.conns++
	return c, nil
}

// ready is told by the Reactor what has happened.
func (c *Conn) ready(flags uint32) {
	if flags&hungUp != 0 {
		c.hup = true
	}
	if flags&readable != 0 {
		c.in.may = true
		if c.in.signal.Waited() {
			c.in.signal.WakeAll()
		} else if c.serving.waits {
			c.resume()
		}
	}
	if flags&writable != 0 {
		c.out.may = true
		if c.out.signal.Waited() {
			c.out.signal.WakeAll()
		}
	}
}

// Reactor returns the Reactor that the connection belongs to.
func (c *Conn) Reactor() *Reactor { return c.r }

// reason returns the error of what is tried on a closed connection.
func (c *Conn) reason() error {
	if c.r.l.OnLoop() && c.cause != nil {
		return c.cause
	}
	return net.ErrClosed
}

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
		c.r.attention.want(c)
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

// shut closes the socket of a closed connection, on the loop.
func (c *Conn) shut() {
	if c.fd < 0 {
		return
	}
	c.r.table.remove(c.key)
	closeFD(c.fd)
	c.fd = -1
	c.r.conns--
	c.limits.stop()
	if c.listener != nil {
		c.listener.left()
	}
	if c.serving.waits {
		c.unwait()
	}
	if !c.serving.on { // a handler may still look at what it was shown
		c.release()
	}
	c.in.signal.WakeAll()
	c.out.signal.WakeAll()
	if f := c.onClose; f != nil {
		c.onClose = nil
		f()
	}
}

// OnClose has f called on the loop, once, when the connection has been closed, by whoever it
// was: a Handler that has returned Wait is not called again then. It must not wait. A second
// OnClose takes the place of the first. It is called on the loop.
func (c *Conn) OnClose(f func()) { c.onClose = f }

// quiesce implements file.
func (c *Conn) quiesce() {
	if c.serving.waits || c.serving.idle {
		c.closeFor(ErrDraining, cDrained)
	}
}

// abandon implements file.
func (c *Conn) abandon() { c.closeFor(net.ErrClosed, cAbandoned) }

// CloseWrite closes the writing side: the other side reads io.EOF after what was written.
// Reading goes on. It is called on the loop.
func (c *Conn) CloseWrite() error { return c.shutdown("close", shutWrite) }

// CloseRead closes the reading side.
func (c *Conn) CloseRead() error { return c.shutdown("close", shutRead) }

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
	if c.closed.Load() {
		return c.fail("set", net.ErrClosed)
	}
	d := sinceBase(t)
	for _, s := range sides {
		s.deadline.Store(d)
	}
	if !c.r.l.OnLoop() {
		c.r.attention.want(c)
		return nil
	}
	for _, s := range sides {
		if s.signal.Waited() {
			s.signal.WakeAll()
		}
	}
	return nil
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
