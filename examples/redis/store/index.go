package store

import "math/bits"

// index finds nodes by the hashes of their keys: extendible hashing. The high bits of a hash
// pick a table from the directory, the low bits a slot of the table, from which on probing is
// linear. A table that is full doubles; one of maxSlots is split by one more bit of the hash,
// and if the directory has no place for both halves it doubles.
//
// So nothing that an Add does takes long, however many keys there are: a split moves 1,536
// slots, which takes about 35 us, and a directory of 10 million keys has 8,192 places, which
// take about 60 us to fill (BenchmarkSplit, BenchmarkDirectory). A table shrinks when most of it is gone. What is left of n nodes
// that were removed is one table of minSlots, about 180 bytes, for each thousand of them.
//
// The hashes come from the caller. They should be evenly spread; if they are not, lookups are
// slow and tables grow past maxSlots, but nothing else changes.
type index[V any] struct {
	dir   []*table[V] // 1 << (64 - shift), one for each value of the high bits; nil: nothing was added
	shift uint
	n     int
}

// table has the nodes whose hashes have some high bits in common. All places of the directory
// that begin with these are the table's.
type table[V any] struct {
	slots  []slot[V] // their number is a power of two
	used   int
	common uint // bits
}

// slot is free if it has no node.
type slot[V any] struct {
	hash uint64
	node *Node[V]
}

// The least and the most slots of a table. The most are 32 KiB, the largest object that Go's
// allocator takes from a cache of the thread.
const (
	minSlots = 8
	maxSlots = 2048
)

func newTable[V any](slots int, common uint) *table[V] {
	return &table[V]{slots: make([]slot[V], slots), common: common}
}

// get returns the node of a key, or nil.
func (x *index[V]) get(h uint64, key []byte) *Node[V] {
	if x.dir == nil {
		return nil
	}
	slots := x.dir[h>>x.shift].slots
	mask := uint64(len(slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		switch s := &slots[i]; {
		case s.node == nil:
			return nil
		case s.hash == h && s.node.Key == string(key):
			return s.node
		}
	}
}

// add adds a node whose key is not there yet.
func (x *index[V]) add(h uint64, n *Node[V]) {
	if x.dir == nil {
		x.dir, x.shift = []*table[V]{newTable[V](minSlots, 0)}, 64
	}
	t := x.dir[h>>x.shift]
	for t.used >= len(t.slots)/4*3 {
		if len(t.slots) < maxSlots || t.common >= x.deepest() {
			t.resize(2 * len(t.slots))
		} else {
			x.split(t, h)
		}
		t = x.dir[h>>x.shift]
	}
	t.put(slot[V]{h, n})
	x.n++
}

// remove removes a node that is there. What follows it moves up, so that no probe ends early.
func (x *index[V]) remove(h uint64, n *Node[V]) {
	t := x.dir[h>>x.shift]
	mask := uint64(len(t.slots) - 1)
	free := h & mask
	for t.slots[free].node != n {
		free = (free + 1) & mask
	}
	for i := (free + 1) & mask; t.slots[i].node != nil; i = (i + 1) & mask {
		if home := t.slots[i].hash & mask; (i-home)&mask >= (i-free)&mask {
			t.slots[free], free = t.slots[i], i
		}
	}
	t.slots[free] = slot[V]{}
	t.used--
	x.n--
	if len(t.slots) > minSlots && t.used < len(t.slots)/8 {
		t.resize(len(t.slots) / 2)
	}
}

// put fills a free slot. There must be one.
func (t *table[V]) put(s slot[V]) {
	mask := uint64(len(t.slots) - 1)
	i := s.hash & mask
	for t.slots[i].node != nil {
		i = (i + 1) & mask
	}
	t.slots[i] = s
	t.used++
}

func (t *table[V]) resize(slots int) {
	old := t.slots
	t.slots, t.used = make([]slot[V], slots), 0
	for _, s := range old {
		if s.node != nil {
			t.put(s)
		}
	}
}

// deepest is the most bits that the nodes of a table may have in common. Evenly spread hashes
// never need as many. It bounds the directory, to a place for each 256 nodes.
func (x *index[V]) deepest() uint { return uint(bits.Len(uint(x.n/maxSlots))) + 2 }

// split puts two tables in the place of the one that h is in.
func (x *index[V]) split(t *table[V], h uint64) {
	if t.common == 64-x.shift {
		dir := make([]*table[V], 2*len(x.dir))
		for i := range dir {
			dir[i] = x.dir[i/2]
		}
		x.dir = dir
		x.shift--
	}
	bit := uint64(1) << (63 - t.common)
	ones := 0
	for _, s := range t.slots {
		if s.node != nil && s.hash&bit != 0 {
			ones++
		}
	}
	zero, one := newTable[V](slotsFor(t.used-ones), t.common+1), newTable[V](slotsFor(ones), t.common+1)
	for _, s := range t.slots {
		if s.node == nil {
			continue
		}
		if s.hash&bit == 0 {
			zero.put(s)
		} else {
			one.put(s)
		}
	}
	half := 1 << (64 - x.shift - t.common - 1)
	from := int(h>>x.shift) &^ (2*half - 1)
	for i := range half {
		x.dir[from+i], x.dir[from+half+i] = zero, one
	}
}

// slotsFor is how many slots n nodes get, so that half of them are used at most.
func slotsFor(n int) int { return max(minSlots, 1<<bits.Len(uint(max(2*n-1, 0)))) }
