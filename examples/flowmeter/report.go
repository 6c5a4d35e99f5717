package main

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// reportSchema is raised whenever a field of [report] changes its name or meaning.
const reportSchema = 1

// report is the result of a run, and what -json prints. Every field is always there.
type report struct {
	Schema      int    `json:"schema"`
	Source      string `json:"source"`      // what was read
	Workers     int    `json:"workers"`     // 0: the plain loop
	Balance     string `json:"balance"`     // "" without workers
	CPUs        string `json:"cpus"`        // the workers' cpus, "" if they are not pinned
	Interrupted bool   `json:"interrupted"` // by Ctrl-C
	Error       string `json:"error"`       // what ended the run early, "" if nothing did

	Seconds          float64 `json:"seconds"` // from the first read to the end of the last worker
	PacketsPerSecond float64 `json:"packets_per_second"`

	PacketsIn   uint64 `json:"packets_in"`  // counted by the reader
	PacketsOut  uint64 `json:"packets_out"` // counted by the workers
	InEqualsOut bool   `json:"in_equals_out"`
	Bytes       uint64 `json:"bytes"` // on the wire

	Kinds         kindsRow `json:"kinds"`
	Of            ofRow    `json:"of_which"`
	ReaderWaits   uint64   `json:"reader_waits"`   // times that the reader had to wait for the workers
	KernelDropped uint64   `json:"kernel_dropped"` // live: the socket's buffer was full
	KernelUnread  uint64   `json:"kernel_unread"`  // live: captured, not read before the end

	Flows     int         `json:"flows"` // number of flows tracked
	Top       []flowRow   `json:"top"`   // those with the most bytes
	PerWorker []workerRow `json:"per_worker"`
}

// kindsRow says what the packets were: each is in exactly one field.
type kindsRow struct {
	TCP       uint64 `json:"tcp"`
	UDP       uint64 `json:"udp"`
	ICMP      uint64 `json:"icmp"`
	Other     uint64 `json:"other"`
	Malformed uint64 `json:"malformed"`
}

// ofRow counts packets by properties that do not exclude each other.
type ofRow struct {
	IPv4           uint64 `json:"ipv4"`
	IPv6           uint64 `json:"ipv6"`
	VLAN           uint64 `json:"vlan"`
	Fragments      uint64 `json:"fragments"`
	Untracked      uint64 `json:"untracked"` // of flows that found a table full
	UntrackedBytes uint64 `json:"untracked_bytes"`
	Longer         uint64 `json:"longer_than_buffer"` // looked at in part, counted in full
}

// flowRow is one flow. a is the side that sent the first packet.
type flowRow struct {
	Proto     string  `json:"proto"`
	A         string  `json:"a"`
	APort     uint16  `json:"a_port"` // of ICMP echo: the identifier
	B         string  `json:"b"`
	BPort     uint16  `json:"b_port"`
	Fragments bool    `json:"fragments"` // the flow is made of fragments, which have no ports
	PacketsAB uint64  `json:"packets_ab"`
	PacketsBA uint64  `json:"packets_ba"`
	BytesAB   uint64  `json:"bytes_ab"`
	BytesBA   uint64  `json:"bytes_ba"`
	First     string  `json:"first"` // RFC 3339 with nanoseconds, UTC; "" if the capture has no times
	Last      string  `json:"last"`
	Seconds   float64 `json:"seconds"`
}

// workerRow is what one worker did.
type workerRow struct {
	Worker    int     `json:"worker"`
	Packets   uint64  `json:"packets"`
	Flows     int     `json:"flows"`
	Batches   uint64  `json:"batches"`    // 0: the plain loop
	BatchFill float64 `json:"batch_fill"` // packets per batch on average
	BusyPct   float64 `json:"busy_percent"`
	Parks     uint64  `json:"parks"`
}

// newReport puts together what a run left behind.
func newReport(src source, o *options, out *outcome, interrupted bool) *report {
	r := &report{
		Schema: reportSchema, Source: src.describe(), Workers: o.workers, CPUs: o.cpus.String(),
		Interrupted: interrupted, Seconds: out.elapsed.Seconds(),
		PacketsIn: out.in.packets, ReaderWaits: out.waits, KernelDropped: out.loss.dropped, KernelUnread: out.loss.unread,
		Top: []flowRow{}, PerWorker: []workerRow{},
	}
	if o.workers > 0 {
		r.Balance = o.balance.String()
	}
	if out.fault != nil {
		r.Error = out.fault.Error()
	}
	if r.Seconds > 0 {
		r.PacketsPerSecond = float64(r.PacketsIn) / r.Seconds
	}
	var sum counts
	tables := make([]*table, len(out.meters))
	for i, m := range out.meters {
		sum.add(&m.counts)
		tables[i] = m.tab
		r.PerWorker = append(r.PerWorker, newWorkerRow(i, m, out.stats[i]))
	}
	r.PacketsOut, r.Bytes = sum.packets(), sum.bytes
	r.InEqualsOut = r.PacketsIn == r.PacketsOut && out.in.bytes == sum.bytes
	r.Kinds = kindsRow{
		TCP: sum.kinds[kindTCP], UDP: sum.kinds[kindUDP], ICMP: sum.kinds[kindICMP],
		Other: sum.kinds[kindOther], Malformed: sum.kinds[kindMalformed],
	}
	r.Of = ofRow{
		IPv4: sum.v4, IPv6: sum.v6, VLAN: sum.vlan, Fragments: sum.frags,
		Untracked: sum.untracked, UntrackedBytes: sum.lostBytes, Longer: out.in.longer,
	}
	flows := merge(tables)
	r.Flows = len(flows)
	r.addTop(flows, o.top)
	return r
}

func newWorkerRow(i int, m *meter, s workerStat) workerRow {
	w := workerRow{Worker: i, Packets: m.packets(), Flows: len(m.tab.flows), Batches: s.batches, Parks: s.parks}
	if s.batches > 0 {
		w.BatchFill = float64(w.Packets) / float64(s.batches)
	}
	if all := s.busy + s.idle; all > 0 {
		w.BusyPct = 100 * float64(s.busy) / float64(all)
	}
	return w
}

// addTop adds the n flows with the most bytes; equal ones in the order of their keys.
func (r *report) addTop(flows []flow, n int) {
	slices.SortFunc(flows, func(x, y flow) int {
		return cmp.Or(cmp.Compare(total(y.bytes), total(x.bytes)), x.key.compare(&y.key))
	})
	for i := range flows[:min(n, len(flows))] {
		r.Top = append(r.Top, newFlowRow(&flows[i]))
	}
}

func newFlowRow(f *flow) flowRow {
	first, dir := f.start()
	a, b := f.key.addrs()
	row := flowRow{
		Proto: protoName(f.key.proto), Fragments: f.key.form&formFrag != 0,
		A: a.String(), APort: f.key.ap, B: b.String(), BPort: f.key.bp,
		PacketsAB: f.packets[aToB], PacketsBA: f.packets[bToA],
		BytesAB: f.bytes[aToB], BytesBA: f.bytes[bToA],
	}
	if dir == bToA {
		row.A, row.APort, row.B, row.BPort = row.B, row.BPort, row.A, row.APort
		row.PacketsAB, row.PacketsBA = row.PacketsBA, row.PacketsAB
		row.BytesAB, row.BytesBA = row.BytesBA, row.BytesAB
	}
	if first != 0 {
		row.First = time.Unix(0, first).UTC().Format(time.RFC3339Nano)
		row.Last = time.Unix(0, f.last).UTC().Format(time.RFC3339Nano)
		row.Seconds = time.Duration(f.last - first).Seconds()
	}
	return row
}

func protoName(p uint8) string {
	switch p {
	case protoTCP:
		return "tcp"
	case protoUDP:
		return "udp"
	case protoICMP:
		return "icmp"
	case protoICMP6:
		return "icmp6"
	}
	return strconv.Itoa(int(p))
}
