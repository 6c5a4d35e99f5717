package main

// counts is what a worker adds up beside its flows.
type counts struct {
	kinds     [kindCount]uint64 // each packet is in exactly one of them
	bytes     uint64            // on the wire
	v4, v6    uint64            // packets with a decoded IP header of that version
	vlan      uint64            // packets with at least one VLAN tag
	frags     uint64            // IP fragments
	untracked uint64            // packets of flows that the full table had no place for
	lostBytes uint64            // bytes of those packets
}

// packets returns how many packets were counted.
func (c *counts) packets() (n uint64) {
	for _, k := range c.kinds {
		n += k
	}
	return n
}

// add adds o to c.
func (c *counts) add(o *counts) {
	for i := range c.kinds {
		c.kinds[i] += o.kinds[i]
	}
	c.bytes += o.bytes
	c.v4 += o.v4
	c.v6 += o.v6
	c.vlan += o.vlan
	c.frags += o.frags
	c.untracked += o.untracked
	c.lostBytes += o.lostBytes
}

// meter is one worker's whole state: decoder, flow table and counters. It is used by one
// goroutine and shares nothing, which is why there is not a single lock or atomic in it.
type meter struct {
	dec   *decoder
	tab   *table
	found decoded // scratch
	counts
}

// newMeter returns a meter for at most maxFlows flows.
func newMeter(maxFlows int) *meter {
	return &meter{dec: newDecoder(), tab: newTable(maxFlows)}
}

// packet counts one packet: data is its first bytes, wire its length on the wire, ts its time in
// ns since 1970 or 0, tagged whether the kernel took off a VLAN tag. It keeps no reference to
// data.
func (m *meter) packet(l link, data []byte, wire uint32, ts int64, tagged bool) {
	d := &m.found
	m.dec.decode(l, data, d)
	m.kinds[d.kind]++
	m.bytes += uint64(wire)
	if d.attrs&attrV4 != 0 {
		m.v4++
	}
	if d.attrs&attrV6 != 0 {
		m.v6++
	}
	if tagged || d.attrs&attrVLAN != 0 {
		m.vlan++
	}
	if d.attrs&attrFrag != 0 {
		m.frags++
	}
	if d.kind >= kindOther {
		return
	}
	if !m.tab.add(d, uint64(wire), ts) {
		m.untracked++
		m.lostBytes += uint64(wire)
	}
}
