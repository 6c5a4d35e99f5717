package netio

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
	quiet  bool // a drain has begun: nobody waits for more
	wanted bool // the Reactor watches for room to write
	listed bool // to go on in the next turn
}

// shut closes the socket of a PacketConn that is closed, on the loop.
func (c *PacketConn) shut() {
	if c.fd < 0 {
		return
	}
	if out := &c.r.packets.out; out.c == c && !out.busy {
		out.flush()
	}
	c.forget()
	c.wakeAll()
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
		if !c.out.may && !c.wanted { // the kernel would not be asked to tell: it is tried once per turn
			c.out.may = true
			c.out.signal.WakeAll()
		}
	}
	if c.cfg.Handle != nil && !c.listed {
		c.handle()
	}
}

// goOn has ready called, and so the handler, in the next turn.
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
	switch err := c.r.poller.change(c.fd, c.key, want); {
	case err == nil:
		c.wanted = room
	case room && !c.listed: // nobody will tell: see ready
		c.goOn()
	}
}

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
