package netio

// Full makes c what it is after the kernel has taken no more.
func Full(c *PacketConn) { c.full() }

// ForwardSpliced is Forward that uses nothing but splice, as far as it can.
func ForwardSpliced(dst, src *Conn) (int64, error) {
	return (&forward{dst: dst, src: src, splice: true, streak: -1 << 30}).run()
}
