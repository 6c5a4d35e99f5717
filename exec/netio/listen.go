package netio

import (
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// ListenConfig says what a Listener does with connections. The zero value leaves them to
// Accept.
type ListenConfig struct {
	// Handle serves each connection, in a coroutine of this Exec.
	Handle Handler
	// Lazy has Handle called when a connection has something to read, and not before: for
	// protocols in which the client speaks first. One that is silent has no coroutine then.
	Lazy bool
	// Dispatch, in the place of Handle, is given each connection to hand it to a Reactor of
	// some Exec (see Accepted and Reactor.Adopt). It is called on the loop.
	Dispatch func(l *exec.Local, a Accepted)

	// ReusePort lets several listeners have the same address, one for each worker of a
	// group, and has the kernel spread the connections over them.
	ReusePort bool
	// Steer, with ReusePort, has the kernel pick the listener by more than a hash. See
	// SteerByCPU.
	Steer Steering
	// First, with ReusePort, is for the first of these listeners: Listen fails if there is
	// one already at the address, of another process of the same user for example, which
	// would get a part of the connections otherwise.
	First bool
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
	// is closed: to say why, with one TryWrite. (One for which there is no descriptor is
	// closed without.) It may leave the closing to a Handler, by Conn.Serve, which takes what
	// the other side is still sending, so that no reset overtakes the answer. Such a
	// connection counts for Config.MaxConns, which does not bound how many there are of them:
	// whoever calls Serve does.
	Refuse func(c *Conn)
	// IdleTimeout and MaxLifetime are those that each connection begins with.
	IdleTimeout, MaxLifetime time.Duration
	// KeepAlive is after how long the kernel asks a silent peer whether it is there, and how
	// often then. 0 is 15 seconds, as in package net; negative: never.
	KeepAlive time.Duration
	// Delay leaves Nagle's algorithm on.
	Delay bool
}

var errNegative = errors.New("ListenConfig has a negative Backlog, MaxConns, IdleTimeout, MaxLifetime or DeferAccept: 0 is the default")

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
	queued bool // it is in the Reactor's list of those that go on in the next turn
	closed bool
	open   int // connections of its that are open
	pause  exec.Timer
	signal exec.Signal // for Accept
	row    int         // connections that Accept has returned since somebody had to wait
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
		return nil, errNegative
	case !cfg.ReusePort && (cfg.Steer != nil || cfg.First):
		return nil, errors.New("ListenConfig.Steer and First are for listeners with ReusePort")
	}
	ln := &Listener{r: r, cfg: cfg, may: true}
	if err := ln.bind(network, address); err != nil {
		return nil, err
	}
	ln.signal.Init(r.l)
	ln.key = r.table.add(ln)
	if err := r.poller.add(ln.fd, ln.key, readable); err != nil {
		ln.shut()
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

// Close stops listening. Connections that were accepted stay, and those that wait in the kernel
// to be accepted are taken in before, lastAccepts at most: their clients think that they are
// connected, and would be reset. (A Listener for Accept has nobody to serve them, and they are.)
// It is called on the loop.
func (ln *Listener) Close() error {
	if ln.closed {
		return &net.OpError{Op: "close", Net: ln.kind.String(), Addr: ln.Addr(), Err: net.ErrClosed}
	}
	ln.closed = true
	if ln.fd < 0 { // an Entry
		return nil
	}
	defer ln.shut() // also if a Dispatch or Refuse panics
	ln.takeLast()
	return nil
}

// shut closes the socket.
func (ln *Listener) shut() {
	ln.r.table.remove(ln.key)
	ln.pause.Stop()
	closeFD(ln.fd)
	removeSocket(ln.path)
	ln.signal.WakeAll()
}

// quiesce implements file.
func (ln *Listener) quiesce() {
	if !ln.closed {
		_ = ln.Close()
	}
}

// abandon implements file.
func (ln *Listener) abandon() { ln.quiesce() }

var _ net.Listener = (*Listener)(nil)

// tooMany returns an error that names a limit.
func tooMany(what string, n int) error {
	if n < 0 {
		return fmt.Errorf("all %s: %w", what, ErrTooMany)
	}
	return fmt.Errorf("%d %s: %w", n, what, ErrTooMany)
}
