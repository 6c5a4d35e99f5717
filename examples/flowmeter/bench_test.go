package main

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkFlowmeter runs the whole program on the committed capture, over and over; an op is one
// packet. Threads are not pinned: to compare engines, run the program with -repeat and -cpus.
func BenchmarkFlowmeter(b *testing.B) {
	for _, workers := range []int{0, 1} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			o := &options{workers: workers, maxFlows: 1 << 20, balance: balancing{name: "hash"}}
			src, err := openFile("testdata/demo.pcap", (b.N+1499)/1500)
			require.NoError(b, err)
			b.ReportAllocs()
			b.ResetTimer()
			r, err := meterAll(context.Background(), src, o, context.Background())
			b.StopTimer()
			require.NoError(b, err)
			b.ReportMetric(r.PacketsPerSecond, "packets/s")
		})
	}
}

// The parts, on packets in memory.
func BenchmarkParts(b *testing.B) {
	src, err := openBytes("demo", demoCapture, 1)
	require.NoError(b, err)
	var ps []packet
	for {
		var p packet
		if src.next(&p) != nil {
			break
		}
		p.data = append([]byte(nil), p.data...)
		ps = append(ps, p)
	}
	each := func(b *testing.B, f func(p *packet)) {
		for i := 0; b.Loop(); i++ {
			if i == len(ps) {
				i = 0
			}
			f(&ps[i])
		}
	}
	b.Run("part=read", func(b *testing.B) {
		src, err := openFile("testdata/demo.pcap", 1<<30)
		require.NoError(b, err)
		defer src.close()
		var p packet
		for b.Loop() {
			if err := src.next(&p); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("part=peek", func(b *testing.B) {
		each(b, func(p *packet) { peek(p.link, p.data) })
	})
	b.Run("part=decode", func(b *testing.B) {
		d, out := newDecoder(), decoded{}
		each(b, func(p *packet) { d.decode(p.link, p.data, &out) })
	})
	b.Run("part=meter", func(b *testing.B) {
		m := newMeter(1 << 20)
		each(b, func(p *packet) { m.packet(p.link, p.data, p.wire, p.ts, p.tagged) })
	})
}
