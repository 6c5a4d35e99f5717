package main

// flow is what is known about one 5-tuple. Index 0 of the pairs is the direction a to b of the
// key, index 1 is b to a.
type flow struct {
	key     key
	packets [2]uint64
	bytes   [2]uint64 // lengths on the wire, link header included
	first   [2]int64  // earliest timestamp per direction, in ns since 1970; 0: none yet
	last    int64     // latest timestamp of both directions
}

// table holds the flows of one worker. It is used by one goroutine and has no locks: the tables
// meet in [merge] when all workers have ended.
//
// A Go map finds a flow's place in a slice, so that the flows themselves, which hold no pointers
// either, are never moved by the map and never looked at by the garbage collector. A hash table of
// our own in the map's place makes decoding and counting a sixth faster (66 ns against 77), but
// not the program: the reader is then what everything waits for.
type table struct {
	index map[key]int32
	flows []flow
	limit int // most flows; a packet of one more is refused
}

// newTable returns a table for at most limit flows. It grows as flows come.
func newTable(limit int) *table {
	return &table{index: make(map[key]int32), limit: limit}
}

// add counts a packet. It reports false, and counts nothing, if the packet is the first of its
// flow and the table is full. It allocates only when the table grows.
func (t *table) add(d *decoded, wire uint64, ts int64) bool {
	i, ok := t.index[d.key]
	if !ok {
		if len(t.flows) >= t.limit {
			return false
		}
		i = int32(len(t.flows))
		t.index[d.key] = i
		t.flows = append(t.flows, flow{key: d.key})
	}
	f := &t.flows[i]
	f.packets[d.dir]++
	f.bytes[d.dir] += wire
	if ts != 0 {
		if f.first[d.dir] == 0 || ts < f.first[d.dir] {
			f.first[d.dir] = ts
		}
		f.last = max(f.last, ts)
	}
	return true
}

// absorb adds o, the same flow as seen by another worker.
func (f *flow) absorb(o *flow) {
	for dir := range f.packets {
		f.packets[dir] += o.packets[dir]
		f.bytes[dir] += o.bytes[dir]
		if o.first[dir] != 0 && (f.first[dir] == 0 || o.first[dir] < f.first[dir]) {
			f.first[dir] = o.first[dir]
		}
	}
	f.last = max(f.last, o.last)
}

// merge returns the flows of all tables, each flow once: a balancer that is free to send a flow's
// packets to several workers leaves a part of the flow with each.
func merge(tables []*table) []flow {
	if len(tables) == 1 {
		return tables[0].flows
	}
	total := 0
	for _, t := range tables {
		total += len(t.flows)
	}
	index := make(map[key]int, total)
	flows := make([]flow, 0, total)
	for _, t := range tables {
		for i := range t.flows {
			f := &t.flows[i]
			if at, ok := index[f.key]; ok {
				flows[at].absorb(f)
				continue
			}
			index[f.key] = len(flows)
			flows = append(flows, *f)
		}
	}
	return flows
}

// total returns the flow's packets or bytes in both directions.
func total(pair [2]uint64) uint64 { return pair[0] + pair[1] }

// start returns the time of the flow's first packet and that packet's direction. It depends on
// the timestamps alone, not on the order in which workers saw the packets: of two first packets
// at the same nanosecond, a to b counts as the earlier.
func (f *flow) start() (ns int64, dir int) {
	if f.first[bToA] != 0 && (f.first[aToB] == 0 || f.first[bToA] < f.first[aToB]) {
		return f.first[bToA], bToA
	}
	if f.first[aToB] == 0 && f.packets[aToB] == 0 {
		return 0, bToA // no timestamps at all: whoever sent
	}
	return f.first[aToB], aToB
}
