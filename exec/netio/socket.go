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

// open makes s the socket of f, which the Reactor watches for what want says. It owns fd from
// then on, also in case of an error.
func (s *socket) open(r *Reactor, f file, fd int, k kind, want uint32) error {
	s.r, s.fd, s.kind = r, fd, k
	s.in.signal.Init(r.l)
	s.out.signal.Init(r.l)
	s.key = r.table.add(f)
	if err := r.poller.add(fd, s.key, want); err != nil {
		r.table.remove(s.key)
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
func (s *socket) forget() {
	s.r.table.remove(s.key)
	closeFD(s.fd)
	s.fd = -1
	s.r.conns--
}

// wakeAll wakes all who wait for something.
func (s *socket) wakeAll() {
	s.in.signal.WakeAll()
	s.out.signal.WakeAll()
}

// reason returns the error of what is tried on a closed socket.
func (s *socket) reason() error {
	if s.r.l.OnLoop() && s.cause != nil {
		return s.cause
	}
	return net.ErrClosed
}

// moveDeadline sets the deadline of some sides, and wakes who waits there.
func (s *socket) moveDeadline(t time.Time, sides []*side) error {
	if s.closed.Load() {
		return net.ErrClosed
	}
	d := sinceBase(t)
	for _, side := range sides {
		side.deadline.Store(d)
	}
	if !s.r.l.OnLoop() {
		s.r.attention.want(s)
		return nil
	}
	for _, side := range sides {
		if side.signal.Waited() {
			side.signal.WakeAll()
		}
	}
	return nil
}
