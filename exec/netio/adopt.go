package netio

import (
	"net/netip"
	"time"
)

// Accepted is a connection that was accepted and belongs to no Reactor yet. It is a plain
// value, which may be sent to another Exec. Exactly one call of Reactor.Adopt or Close must
// follow.
type Accepted struct {
	fd   int
	kind kind
	ends ends
}

// RemoteAddrPort returns the address of the other side, which is the zero AddrPort for a
// Unix domain socket.
func (a Accepted) RemoteAddrPort() netip.AddrPort { return a.ends.remote }

// Close refuses the connection. Any goroutine may call it.
func (a Accepted) Close() { closeFD(a.fd) }

// Limits are those of one connection.
type Limits struct {
	IdleTimeout, MaxLifetime time.Duration // 0: none
}

// Adopt makes an accepted connection one of this loop, on which it is called. The error
// wraps ErrTooMany, or is ErrDraining; the connection is closed then, and counted as refused.
func (r *Reactor) Adopt(a Accepted, lim Limits) (*Conn, error) {
	if r.draining {
		a.Close()
		r.counters[cRefused]++
		return nil, ErrDraining
	}
	c, err := r.newConn(a.fd, a.kind)
	if err != nil {
		r.counters[cRefused]++
		return nil, err
	}
	c.ends, c.in.may, c.out.may = a.ends, true, true
	if err = c.SetIdleTimeout(lim.IdleTimeout); err == nil {
		err = c.SetLifetime(lim.MaxLifetime)
	}
	if err != nil {
		r.counters[cRefused]++
		_ = c.Close()
		return nil, err
	}
	return c, nil
}
