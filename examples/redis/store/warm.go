package store

// Batch is how many keys Warm takes at once: their slots, nodes and bytes must still be in the
// cache when they are used.
const Batch = 32

// Warm has the processor fetch what a Get of each of the keys, at most Batch, will need. A
// lookup waits for the memory four times, for the slot, the node, its key and its value; the
// loads of different keys do not depend on each other, so their waits overlap.
func (db *DB) Warm(keys [][]byte) {
	var hashes [Batch]uint64
	var found [Batch]*Entry
	keys = keys[:min(len(keys), Batch)]
	for i, k := range keys {
		hashes[i] = hashBytes(k)
	}
	sum := db.keys.index.near(hashes[:len(keys)], found[:len(keys)])
	for _, e := range found[:len(keys)] {
		if e != nil {
			sum += uint64(e.place)
		}
	}
	for _, e := range found[:len(keys)] {
		if e == nil {
			continue
		}
		if len(e.Key) > 0 {
			sum += uint64(e.Key[0])
		}
		if len(e.Value.Bytes) > 0 {
			sum += uint64(e.Value.Bytes[0])
		}
		if e.Value.timer > 0 {
			sum += uint64(db.timers[e.Value.timer-1].at)
		}
	}
	db.warmed = sum
}

// near finds the first node of each hash, or nil. It does not look at the nodes. The sum is
// there for the compiler to keep the loads.
func (x *index[V]) near(hashes []uint64, found []*Node[V]) (sum uint64) {
	if x.dir == nil {
		return 0
	}
	for _, h := range hashes {
		slots := x.dir[h>>x.shift].slots
		sum += slots[h&uint64(len(slots)-1)].hash
	}
	for at, h := range hashes {
		slots := x.dir[h>>x.shift].slots
		mask := uint64(len(slots) - 1)
		i := h & mask
		for slots[i].node != nil && slots[i].hash != h {
			i = (i + 1) & mask
		}
		found[at] = slots[i].node
	}
	return sum
}
