package netio

// Full makes c what it is after the kernel has taken no more.
func Full(c *PacketConn) { c.full() }

// BuffersInUse returns how many connections have a read buffer.
func BuffersInUse(r *Reactor) (n int) {
	r.table.each(func(f file) {
		if c, ok := f.(*Conn); ok && c.buf != nil {
			n++
		}
	})
	return n
}
