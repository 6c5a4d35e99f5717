package netio

// Full makes c what it is after the kernel has taken no more.
func Full(c *PacketConn) { c.full() }

// GoingOn returns how many files go on in the next turn.
func (r *Reactor) GoingOn() int { return len(r.again.next) }

// ForwardSpliced is Forward that uses nothing but splice, as far as it can.
func ForwardSpliced(dst, src *Conn) (int64, error) {
	return (&forward{dst: dst, src: src, splice: true, streak: -1 << 30}).run()
}

// BuffersInUse returns how many connections have a read buffer.
func BuffersInUse(r *Reactor) (n int) {
	r.table.each(func(f file) {
		if c, ok := f.(*Conn); ok && c.buf != nil {
			n++
		}
	})
	return n
}

// Holds reports which buffers of the Reactor's a connection has.
func (t *TLSConn) Holds() (unsent, plain, raw bool) {
	return t.unsent != nil, t.plain != nil, t.c.buf != nil
}

// Holds reports whether a connection has a buffer of the Reactor's.
func (c *Conn) Holds() bool { return c.buf != nil }

// Kept returns how many buffers of either kind a Reactor keeps.
func (r *Reactor) Kept() (buffers, records int) { return len(r.buffers.free), len(r.records.free) }

// Ready tells a Reactor of an event, as the kernel does.
func (r *Reactor) Ready(key uint64) { source{r}.dispatch(key, readable|writable|hungUp) }

// Key is what the kernel calls a connection.
func (c *Conn) Key() uint64 { return c.key }

// FD is the connection's descriptor.
func (c *Conn) FD() int { return c.fd }

// BytesOut is Stats.BytesOut as it is now.
func (r *Reactor) BytesOut() uint64 { return r.counters[cBytesOut] }

// BytesIn is Stats.BytesIn as it is now.
func (r *Reactor) BytesIn() uint64 { return r.counters[cBytesIn] }

// Drain begins a drain of a Reactor whose Exec goes on.
func (r *Reactor) Drain() { r.drain() }

// Arrived reports whether the kernel has something to read.
func (c *Conn) Arrived() bool {
	ok, _ := sysReadable(c.fd)
	return ok
}
