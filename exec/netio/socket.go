package netio

import (
	"net"
	"sync/atomic"
	"time"
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

// moveDeadline sets the deadline of some sides, and wakes who waits there.
func (c *socket) moveDeadline(t time.Time, sides []*side) error {
	if c.closed.Load() {
		return net.ErrClosed
	}
	d := sinceBase(t)
	for _, side := range sides {
		side.deadline.Store(d)
	}
	if !c.r.l.OnLoop() {
		c.r.attention.want(c)
		return nil
	}
	for _, side := range sides {
		if side.signal.Waited() {
			side.signal.WakeAll()
		}
	}
	return nil
}
