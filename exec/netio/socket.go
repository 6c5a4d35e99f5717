package netio

import (
	"errors"
	"net"
	"sync/atomic"
)

// socket is what a Conn and a PacketConn have in common: a descriptor that the Reactor
// watches, two directions, and an end that any goroutine may bring about.
type socket struct {
	r    *Reactor
	fd   int // closed on the loop, and -1 then
	key  uint64
	kind kind

	closed atomic.Bool // set by whoever closes it
	cause  error       // why it was closed from within, or nil

	in, out  side
	attended attended
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

// open makes c the socket of f, which the Reactor watches for what want says. It owns fd from
// then on, also in case of an error.
func (c *socket) open(r *Reactor, f file, fd int, k kind, want uint32) error {
	c.r, c.fd, c.kind = r, fd, k
	c.in.signal.Init(r.l)
	c.out.signal.Init(r.l)
	c.key = r.table.add(f)
	if err := r.poller.add(fd, c.key, want); err != nil {
		r.table.remove(c.key)
		closeFD(fd)
		return err
	}
	r.conns++
	return nil
}

// full returns an error if MaxConns are open.
func (r *Reactor) full() error {
	if r.conns < r.cfg.MaxConns {
		return nil
	}
	return tooMany("connections are open (Config.MaxConns)", r.cfg.MaxConns)
}

// Reactor returns the Reactor that the connection or socket belongs to.
func (c *socket) Reactor() *Reactor { return c.r }

// Close closes it and ends the reads and writes that are under way, with net.ErrClosed. What has
// come and nobody has read is lost, and the kernel tells the other side of a Conn so by a reset:
// see CloseWrite. Any goroutine may call it; elsewhere than on the loop it returns before the loop
// has closed the socket. The error of a second call is net.ErrClosed.
func (c *socket) Close() error {
	if c.closed.Swap(true) {
		return c.fail("close", net.ErrClosed)
	}
	if c.r.l.OnLoop() {
		c.dispose()
	} else {
		c.r.attention.want(c)
	}
	return nil
}

// closeFor closes it from within, for a reason that is counted.
func (c *socket) closeFor(cause error, counter int) {
	if c.closed.Swap(true) {
		return
	}
	c.cause = cause
	c.r.counters[counter]++
	c.dispose()
}

// abandon implements file.
func (c *socket) abandon() {
	c.closeFor(net.ErrClosed, cAbandoned)
	c.dispose() // what another goroutine has closed has perhaps not been looked at
}

// dispose shuts what is closed, on the loop, as what it is: a Conn or a PacketConn.
func (c *socket) dispose() {
	if f, ok := c.r.table.get(c.key).(interface{ shut() }); ok {
		f.shut()
	}
}

// forget closes the descriptor. Who waits for something is still to be woken.
func (c *socket) forget() {
	c.r.table.remove(c.key)
	closeFD(c.fd)
	c.fd = -1
	c.r.conns--
}

// wakeAll wakes all who wait for something.
func (c *socket) wakeAll() {
	c.in.signal.WakeAll()
	c.out.signal.WakeAll()
}

// reason returns the error of what is tried on a closed socket.
func (c *socket) reason() error {
	if c.r.l.OnLoop() && c.cause != nil {
		return c.cause
	}
	return net.ErrClosed
}

// fail makes err what a net.Conn or a net.PacketConn returns.
func (c *socket) fail(op string, err error) error {
	if err == nil {
		return nil
	}
	var already *net.OpError
	if errors.As(err, &already) {
		return err
	}
	return &net.OpError{Op: op, Net: c.kind.String(), Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}
