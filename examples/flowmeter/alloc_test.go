package main

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// Nothing is allocated per packet once the flows are known: not by reading, over the end of the
// file and back to its beginning, not by hashing, not by decoding and counting.
func TestAllocs(t *testing.T) {
	src, err := openFile("testdata/demo.pcap", 1<<30)
	require.NoError(t, err)
	defer src.close()
	m := newMeter(1000)
	sum := uint64(0)
	round := func() {
		var p packet
		for range 1500 {
			if err := src.next(&p); err != nil {
				t.Fatal(err)
			}
			h, n := peek(p.link, p.data)
			sum += h
			m.packet(p.link, p.data[:n], p.wire, p.ts, p.tagged)
		}
	}
	round()
	require.Zero(t, testing.AllocsPerRun(5, round), "allocations in 1500 packets")
}

// Each kind of packet by itself, those included for which gopacket's own layers would allocate.
func TestAllocsByKind(t *testing.T) {
	m := newMeter(1000)
	for _, s := range samples(t) {
		if s.kind == kindMalformed {
			continue // gopacket makes an error for most of them
		}
		require.Zero(t, testing.AllocsPerRun(100, func() {
			m.packet(s.link, s.data, 100, 1, false)
			peek(s.link, s.data)
		}), s.name)
	}
}

// Nor does a worker allocate, nor the reader on the way from the file to the group.
func TestPipelineAllocs(t *testing.T) {
	s := newSlab(1)
	w := &worker{m: newMeter(1000), mem: s.mem, back: s.back[0]}
	var batch []item
	for _, p := range samples(t) {
		if p.kind != kindMalformed {
			slot, _ := s.take()
			s.put(slot, p.data)
			batch = append(batch, item{slot: slot, n: uint16(min(len(p.data), prefixLen)), link: p.link, ts: 1})
		}
	}
	require.Zero(t, testing.AllocsPerRun(100, func() {
		w.Handle(nil, batch)
		for range batch {
			w.back.Pop()
		}
	}))

	src, err := openFile("testdata/demo.pcap", 1<<30)
	require.NoError(t, err)
	defer src.close()
	r, end := startReader(t, src, nil)
	defer end()
	var p packet
	round := func() {
		for range 1500 {
			if err := errors.Join(src.next(&p), r.step(&p)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for range 10 {
		round()
	}
	require.Less(t, testing.AllocsPerRun(50, round), 5.0, "allocations in 1500 packets, of reader and worker")
}
