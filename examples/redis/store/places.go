package store

import "slices"

// places is a sequence of nodes, each at a place. It is in chunks, so that growing never moves
// more than one of them: a slice of 10 million nodes takes tens of milliseconds to move.
type places[V any] struct {
	chunks [][]*Node[V] // all but the last one have chunkSize nodes, and that one has at least one
	n      int
}

// chunkSize is the most nodes of a chunk: 32 KiB.
const chunkSize = 4096

// at returns the node at a place, from 0 to n-1.
func (p *places[V]) at(i int) *Node[V] { return p.chunks[i/chunkSize][i%chunkSize] }

// push adds a node behind the last one.
func (p *places[V]) push(n *Node[V]) {
	if p.n%chunkSize == 0 {
		p.chunks = append(p.chunks, nil)
	}
	last := &p.chunks[len(p.chunks)-1]
	if have := cap(*last); len(*last) == have {
		*last = append(make([]*Node[V], 0, min(max(2*have, 1), chunkSize)), *last...)
	}
	n.place = int32(p.n)
	*last = append(*last, n)
	p.n++
}

// remove removes a node. The last one gets its place.
func (p *places[V]) remove(n *Node[V]) {
	last := &p.chunks[len(p.chunks)-1]
	end := len(*last) - 1
	moved := (*last)[end]
	p.chunks[n.place/chunkSize][n.place%chunkSize], moved.place = moved, n.place
	(*last)[end] = nil
	*last = (*last)[:end]
	p.n--
	switch {
	case end == 0:
		*last = nil
		p.chunks = p.chunks[:len(p.chunks)-1]
		if cap(p.chunks) > 1024 && len(p.chunks) < cap(p.chunks)/4 {
			p.chunks = append(make([][]*Node[V], 0, cap(p.chunks)/2), p.chunks...)
		}
	case cap(*last) > 64 && end < cap(*last)/8:
		*last = slices.Clone(*last)
	}
}
