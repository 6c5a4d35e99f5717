package netio

// Full makes c what it is after the kernel has taken no more.
func Full(c *PacketConn) { c.full() }
