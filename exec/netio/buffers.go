package netio

// buffers are the read buffers that a Reactor keeps for its connections.
type buffers struct {
	size, keep int
	free       [][]byte // the one that came back last is last: it is in the cache
}

func (p *buffers) get() []byte {
	last := len(p.free) - 1
	if last < 0 {
		return make([]byte, p.size)
	}
	b := p.free[last]
	p.free[last] = nil
	p.free = p.free[:last]
	return b
}

func (p *buffers) put(b []byte) {
	if len(p.free) < p.keep {
		p.free = append(p.free, b)
	}
}
