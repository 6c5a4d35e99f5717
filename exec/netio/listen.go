package netio

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// ListenConfig says what a Listener does with connections. The zero value leaves them to
// Accept.
type ListenConfig struct {
	// Handle serves each connection, in a coroutine of this Exec.
	Handle Handler
	// Dispatch, in the place of Handle, is given each connection to hand it to a Reactor of
	// some Exec (see Accepted and Reactor.Adopt). It is called on the loop.
	Dispatch func(l *exec.Local, a Accepted)

	// ReusePort lets several listeners have the same address, one for each worker of a
	// group, and has the kernel spread the connections over them.
	ReusePort bool
	// Steer, with ReusePort, has the kernel pick the listener by more than a hash. See
	// SteerByCPU.
	Steer Steering
	// Backlog is how many connections may wait in the kernel to be accepted. 0 is what the
	// system allows (net.core.somaxconn).
	Backlog int
	// DeferAccept keeps connections in the kernel until they have sent something, for about
	// that long at most.
	DeferAccept time.Duration
	// MaxConns is how many connections of this Listener may be open at once; more are
	// closed at once, and counted. 0: as many as Config.MaxConns allows.
	MaxConns int
	// Refuse, if set, is handed a connection that is refused because of a limit, before it
	// is closed: to say why, with one TryWrite.
	Refuse func(c *Conn)
	// IdleTimeout and MaxLifetime are those that each connection begins with.
	IdleTimeout, MaxLifetime time.Duration
	// KeepAlive is after how long the kernel asks a silent peer whether it is there, and how
	// often then. 0 is 15 seconds, as in package net; negative: never.
	KeepAlive time.Duration
	// Delay leaves Nagle's algorithm on.
	Delay bool
}

// acceptBudget is how many connections a Listener accepts per turn.
const acceptBudget = 64

// acceptPause is how long a Listener pauses when there is no descriptor left for a
// connection, not even to refuse it.
const acceptPause = 10 * time.Millisecond

// Listener accepts connections for one Exec. It is a net.Listener for its coroutines.
type Listener struct {
	r    *Reactor
	fd   int
	key  uint64
	kind kind
	cfg  ListenConfig
	ends ends
	path string // of the socket file to remove, or ""

	anyAddr bool // connections may come to any address of the machine

	may    bool // connections may wait in the kernel
	listed bool // to go on in the next turn
	closed bool
	open   int // connections of its that are open
	pause  exec.Timer
	signal exec.Signal // for Accept
}

// Listen opens a listener on this loop. The network is "tcp", "tcp4", "tcp6" or "unix"; the
// address is that of net.Listen, with a port in numbers. MPTCP is never used.
func (r *Reactor) Listen(network, address string, cfg ListenConfig) (*Listener, error) {
	ln, err := r.listen(network, address, cfg)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Err: fmt.Errorf("%s: %w", address, err)}
	}
	return ln, nil
}

func (r *Reactor) listen(network, address string, cfg ListenConfig) (*Listener, error) {
	switch {
	case r.draining:
		return nil, ErrDraining
	case cfg.Handle != nil && cfg.Dispatch != nil:
		return nil, errors.New("ListenConfig has both Handle and Dispatch: one of them gets the connections")
	case cfg.Backlog < 0 || cfg.MaxConns < 0 || cfg.IdleTimeout < 0 || cfg.MaxLifetime < 0 || cfg.DeferAccept < 0:
		return nil, errors.New("ListenConfig has a negative Backlog, MaxConns, IdleTimeout, MaxLifetime or DeferAccept: 0 is the default")
	case !cfg.ReusePort && cfg.Steer != nil:
		return nil, errors.New("ListenConfig.Steer is for listeners with ReusePort")
	}
	ln := &Listener{r: r, cfg: cfg, may: true}
	if err := ln.bind(network, address); err != nil {
		return nil, err
	}
	ln.signal.Init(r.l)
	ln.key = r.table.add(ln)
	if err := r.poller.add(ln.fd, ln.key, readable); err != nil {
		_ = ln.Close()
		return nil, err
	}
	return ln, nil
}

// Addr returns the address that the listener has, with the port that the kernel has picked
// if it was asked for port 0.
func (ln *Listener) Addr() net.Addr {
	if ln.kind == kindUnix {
		return &net.UnixAddr{Name: ln.ends.unixLocal, Net: "unix"}
	}
	return netAddr(ln.ends.local, ln.kind)
}

// Close stops listening. Connections that were accepted stay. It is called on the loop.
func (ln *Listener) Close() error {
	if ln.closed {
		return &net.OpError{Op: "close", Net: ln.kind.String(), Addr: ln.Addr(), Err: net.ErrClosed}
	}
	ln.closed = true
	ln.r.table.remove(ln.key)
	ln.pause.Stop()
	closeFD(ln.fd)
	removeSocket(ln.path)
	ln.signal.WakeAll()
	return nil
}

func (ln *Listener) quiesce() { ln.abandon() }

func (ln *Listener) abandon() {
	if !ln.closed {
		_ = ln.Close()
	}
}

// left is told that a connection has ended.
func (ln *Listener) left() { ln.open-- }

// ready implements file.
func (ln *Listener) ready(flags uint32) {
	if flags != 0 {
		ln.may = true
	} else {
		ln.listed = false
	}
	if ln.listed {
		return
	}
	if ln.cfg.Handle == nil && ln.cfg.Dispatch == nil {
		ln.signal.WakeAll()
		return
	}
	for range acceptBudget {
		if ln.closed || ln.pause.Armed() {
			return
		}
		fd, peer, err := ln.take()
		if err == errAgain {
			return
		}
		if err == nil {
			ln.welcome(fd, peer)
		}
	}
	ln.listed = true
	ln.r.again.add(ln)
}

// take accepts one connection. Errors other than errAgain are settled.
func (ln *Listener) take() (fd int, peer netip.AddrPort, err error) {
	if !ln.may {
		return -1, peer, errAgain
	}
	r := ln.r
	fd, peer, errno := sysAccept(ln.fd)
	switch errno {
	case 0:
		r.counters[cAccepted]++
		return fd, peer, nil
	case syscall.EAGAIN:
		ln.may = false
		return -1, peer, errAgain
	case syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM:
		r.counters[cNoDescriptors]++
		ln.exhausted(errno)
	case syscall.EINTR:
	default: // the connection is gone, or the network was
		r.counters[cAcceptErrors]++
	}
	return -1, peer, errno
}

// exhausted makes room to refuse a connection for which there is no descriptor: left alone
// it would wait until its client gives up. If even that fails the listener pauses.
func (ln *Listener) exhausted(errno syscall.Errno) {
	r := ln.r
	if r.spare >= 0 && (errno == syscall.EMFILE || errno == syscall.ENFILE) {
		closeFD(r.spare)
		fd, _, again := sysAccept(ln.fd)
		if again == 0 {
			r.counters[cAccepted]++
			r.counters[cRefused]++
			closeFD(fd)
		}
		if r.spare = openSpare(); r.spare >= 0 && again == 0 {
			return
		}
	}
	timer, ok := r.l.After(acceptPause, (*resume)(ln))
	if ok {
		ln.pause = timer
	}
}

// resume is a Listener as the task of its pause.
type resume Listener

// Run lets the listener go on.
func (e *resume) Run(*exec.Local) {
	ln := (*Listener)(e)
	ln.pause = exec.Timer{}
	if ln.r.spare < 0 {
		ln.r.spare = openSpare()
	}
	if !ln.closed {
		ln.ready(readable)
	}
}

// endsOf returns the addresses of a connection that was accepted.
func (ln *Listener) endsOf(fd int, peer netip.AddrPort) ends {
	e := ln.ends
	e.remote = peer
	if ln.anyAddr {
		e.local = localAddrPort(fd)
	}
	return e
}

// welcome does what is to be done with a connection.
func (ln *Listener) welcome(fd int, peer netip.AddrPort) {
	if ln.cfg.Dispatch != nil {
		ln.r.counters[cDispatched]++
		ln.cfg.Dispatch(ln.r.l, Accepted{fd: fd, kind: ln.kind, ends: ln.endsOf(fd, peer)})
		return
	}
	c, err := ln.conn(fd, peer)
	if err != nil {
		return
	}
	if err := c.Serve(ln.cfg.Handle); err != nil {
		ln.r.counters[cRefused]++
	}
}

// conn makes the Conn of an accepted socket, or refuses it.
func (ln *Listener) conn(fd int, peer netip.AddrPort) (*Conn, error) {
	r := ln.r
	c, err := r.newConn(fd, ln.kind)
	if err != nil {
		r.counters[cRefused]++
		return nil, err
	}
	c.ends, c.listener, c.out.may, c.in.may = ln.endsOf(fd, peer), ln, true, true
	ln.open++
	if most := ln.cfg.MaxConns; most > 0 && ln.open > most {
		r.counters[cRefused]++
		if ln.cfg.Refuse != nil {
			ln.cfg.Refuse(c)
		}
		_ = c.Close()
		return nil, tooMany("connections are open (ListenConfig.MaxConns)", most)
	}
	c.limits.idle = ln.cfg.IdleTimeout
	c.limits.active = r.l.Now()
	if ln.cfg.MaxLifetime > 0 {
		c.limits.until = c.limits.active + ln.cfg.MaxLifetime
	}
	if err := c.arm(); err != nil {
		r.counters[cRefused]++
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// Accept waits for the next connection and returns it, as a *Conn. It is for coroutines of
// the loop, and for listeners without Handle and Dispatch. The error is net.ErrClosed after
// Close.
func (ln *Listener) Accept() (net.Conn, error) {
	for {
		co := ln.r.l.Current()
		err := error(nil)
		switch {
		case co == nil:
			err = ErrNotOnLoop
		case ln.closed:
			err = net.ErrClosed
		case ln.pause.Armed() || !ln.may:
			err = ln.signal.Wait(co)
		default:
			fd, peer, failed := ln.take()
			if failed != nil {
				continue
			}
			if c, failed := ln.conn(fd, peer); failed == nil {
				return c, nil
			}
		}
		if err != nil {
			return nil, &net.OpError{Op: "accept", Net: ln.kind.String(), Addr: ln.Addr(), Err: err}
		}
	}
}

var _ net.Listener = (*Listener)(nil)

// tooMany returns an error that names a limit.
func tooMany(what string, n int) error {
	if n < 0 {
		return fmt.Errorf("all %s: %w", what, ErrTooMany)
	}
	return fmt.Errorf("%d %s: %w", n, what, ErrTooMany)
}
