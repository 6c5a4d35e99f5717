package netio

import (
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// PacketBatch is how many packets one system call moves at most, and how many a
// PacketHandler is given at once.
const PacketBatch = 64

// PacketConn is a UDP socket that belongs to one loop. It is a net.PacketConn, and with
// PacketConfig.Remote a net.Conn, whose methods are for coroutines of that loop and suspend
// them; anyone else gets ErrNotOnLoop. ReadBatch and WriteBatch move many packets at once,
// and a PacketHandler needs no coroutine. Close and the setters of deadlines may be called by
// any goroutine, and wake who reads or writes. All else is for the loop.
//
// When the Exec drains, a socket with a handler is closed. One without is not: reads that
// would have to wait return ErrDraining, but on connected sockets, where an answer may still
// come.
type PacketConn struct {
	// Data is for the handler.
	Data any

	socket
	cfg    PacketConfig
	ends   ends
	quiet  bool // a drain has begun: nobody waits for more
	wanted bool // the Reactor watches for room to write
	listed bool // to go on in the next turn
}

// ListenPacket opens a UDP socket on this loop. The network is "udp", "udp4" or "udp6"; the
// address is that of net.ListenPacket, with a port in numbers, or "" if there is a
// PacketConfig.Remote: then the kernel picks one.
func (r *Reactor) ListenPacket(network, address string, cfg PacketConfig) (*PacketConn, error) {
	c, err := r.listenPacket(network, address, cfg)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Err: fmt.Errorf("%s: %w", address, err)}
	}
	return c, nil
}

func (r *Reactor) listenPacket(network, address string, cfg PacketConfig) (*PacketConn, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if r.draining {
		return nil, ErrDraining
	}
	if err := r.full(); err != nil {
		return nil, err
	}
	fd, err := sysPacketSocket(network, address, &cfg)
	if err != nil {
		return nil, err
	}
	c := &PacketConn{cfg: cfg}
	if err := c.open(r, c, fd, kindUDP, readable); err != nil {
		return nil, err
	}
	c.in.may, c.out.may = true, true
	c.ends = ends{local: localAddrPort(fd), remote: cfg.Remote}
	if cfg.Handle != nil {
		r.packets.fit(cfg.MaxPacket)
		c.goOn() // something may have come since it was bound
	}
	return c, nil
}

// DialPacket opens a UDP socket that is connected to an address, which is that of net.Dial.
// It is called by a coroutine of the loop: a name is resolved on the Exec's goroutines for
// blocking work.
func (r *Reactor) DialPacket(network, address string, cfg PacketConfig) (*PacketConn, error) {
	co := r.l.Current()
	if co == nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: fmt.Errorf("%s: %w", address, ErrNotOnLoop)}
	}
	c, err := r.dialPacket(co, network, address, cfg)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: fmt.Errorf("%s: %w", address, err)}
	}
	return c, nil
}

func (r *Reactor) dialPacket(co *exec.Co, network, address string, cfg PacketConfig) (c *PacketConn, err error) {
	switch network {
	case "udp", "udp4", "udp6":
	default:
		return nil, net.UnknownNetworkError(network)
	}
	addrs, err := resolve(co, network, address)
	if err != nil {
		return nil, err
	}
	for _, cfg.Remote = range addrs {
		if c, err = r.listenPacket(network, "", cfg); err == nil {
			return c, nil
		}
	}
	return nil, err
}

// Reactor returns the Reactor that the socket belongs to.
func (c *PacketConn) Reactor() *Reactor { return c.r }

// Close closes the socket and ends the reads and writes that are under way, with
// net.ErrClosed. Any goroutine may call it; elsewhere than on the loop it returns before the
// loop has closed the socket. The error of a second call is net.ErrClosed.
func (c *PacketConn) Close() error {
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

// shut closes the socket of a PacketConn that is closed, on the loop.
func (c *PacketConn) shut() {
	if c.fd < 0 {
		return
	}
	if out := &c.r.packets.out; out.c == c {
		out.flush()
	}
	c.forget()
	c.wakeAll()
}

func (c *PacketConn) closeFor(cause error, counter int) {
	if c.closed.Swap(true) {
		return
	}
	c.cause = cause
	c.r.counters[counter]++
	c.shut()
}

// quiesce implements file.
func (c *PacketConn) quiesce() {
	switch {
	case c.cfg.Handle != nil:
		c.closeFor(ErrDraining, cDrained)
	case !c.cfg.Remote.IsValid():
		c.quiet = true
		c.in.signal.WakeAll()
	}
}

// abandon implements file.
func (c *PacketConn) abandon() {
	c.closeFor(net.ErrClosed, cAbandoned)
	c.shut() // what another goroutine has closed has perhaps not been looked at
}

// ready implements file.
func (c *PacketConn) ready(flags uint32) {
	if flags&writable != 0 {
		c.out.may = true
		c.watch(false)
		if c.out.signal.Waited() {
			c.out.signal.WakeAll()
		}
	}
	if flags&readable != 0 {
		c.in.may = true
		if c.in.signal.Waited() {
			c.in.signal.WakeAll()
		}
	}
	if flags == 0 {
		c.listed = false
	}
	if c.cfg.Handle != nil && !c.listed {
		c.handle()
	}
}

// goOn has the handler called in the next turn.
func (c *PacketConn) goOn() {
	c.listed = true
	c.r.again.add(c)
}

// full notes that the kernel takes no more.
func (c *PacketConn) full() {
	c.out.may = false
	c.watch(true)
}

// watch begins or ends to watch for room to write. It is no lasting wish: the kernel would
// report room after each packet that has left.
func (c *PacketConn) watch(room bool) {
	if c.wanted == room || c.fd < 0 {
		return
	}
	want := readable
	if room {
		want |= writable
	}
	if err := c.r.poller.change(c.fd, c.key, want); err != nil {
		c.out.may = true // nobody will tell: ask again
		return
	}
	c.wanted = room
}

// SetDeadline sets the time from which reads and writes fail with os.ErrDeadlineExceeded,
// those that are under way, too. The zero time is none. Any goroutine may call it.
func (c *PacketConn) SetDeadline(t time.Time) error {
	return c.fail("set", c.moveDeadline(t, []*side{&c.in, &c.out}))
}

// SetReadDeadline is SetDeadline for reads.
func (c *PacketConn) SetReadDeadline(t time.Time) error {
	return c.fail("set", c.moveDeadline(t, []*side{&c.in}))
}

// SetWriteDeadline is SetDeadline for writes.
func (c *PacketConn) SetWriteDeadline(t time.Time) error {
	return c.fail("set", c.moveDeadline(t, []*side{&c.out}))
}

// LocalAddr returns the address of this side. Any goroutine may call it.
func (c *PacketConn) LocalAddr() net.Addr { return netAddr(c.ends.local, kindUDP) }

// RemoteAddr returns the address that the socket is connected to, or nil. Any goroutine may
// call it.
func (c *PacketConn) RemoteAddr() net.Addr {
	if !c.ends.remote.IsValid() {
		return nil
	}
	return netAddr(c.ends.remote, kindUDP)
}

// LocalAddrPort and RemoteAddrPort return the addresses without allocating.
func (c *PacketConn) LocalAddrPort() netip.AddrPort { return c.ends.local }

// RemoteAddrPort returns the zero AddrPort for a socket that is not connected.
func (c *PacketConn) RemoteAddrPort() netip.AddrPort { return c.ends.remote }

// Drops returns how many packets the kernel has dropped because they came faster than they
// were read: PacketConfig.ReadBuffer was full. It asks the kernel each time, and is called on
// the loop.
func (c *PacketConn) Drops() (uint32, error) {
	if !c.r.l.OnLoop() {
		return 0, c.fail("drops", ErrNotOnLoop)
	}
	if c.closed.Load() {
		return 0, c.fail("drops", c.reason())
	}
	n, err := sysDrops(c.fd)
	return n, c.fail("drops", err)
}

// fail makes err what a net.PacketConn returns.
func (c *PacketConn) fail(op string, err error) error {
	if err == nil {
		return nil
	}
	e := &net.OpError{Op: op, Net: c.kind.String(), Source: c.LocalAddr(), Err: err}
	if c.ends.remote.IsValid() {
		e.Addr = c.RemoteAddr()
	}
	return e
}
