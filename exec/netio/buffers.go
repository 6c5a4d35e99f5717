package netio

import "fmt"

// buffers are the read buffers that a Reactor keeps for its connections.
type buffers struct {
	size, keep int
	free       [][]byte // the one that came back last is last: it is in the cache
}

// Buffer returns a buffer of Config.ReadBuffer bytes, with contents from its last use, for
// what passes through: Recycle gives it back.
func (r *Reactor) Buffer() []byte { return r.buffers.get() }

// Recycle gives back what Buffer has returned, whole. Nobody may use it any more.
func (r *Reactor) Recycle(b []byte) {
	if len(b) != r.cfg.ReadBuffer {
		panic(fmt.Sprintf("netio: Recycle of %d bytes: a buffer has %d (Config.ReadBuffer)", len(b), r.cfg.ReadBuffer))
	}
	r.buffers.put(b)
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
