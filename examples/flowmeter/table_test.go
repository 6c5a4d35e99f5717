package main

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func testKey(i uint64) key {
	return key{aLo: 1, bLo: 2 + i, ap: 5, bp: 80, proto: protoTCP, form: formV4}
}

func TestTableLimit(t *testing.T) {
	m := newMeter(2)
	for i := range uint16(5) {
		b := frame(t, eth(etht4), ip4(a1, b1, tcpp), tcp(10, 20))
		b[14+20+1] = byte(i) // source port
		m.packet(linkEthernet, b, 100, 1, false)
		m.packet(linkEthernet, b, 100, 2, false)
	}
	require.Len(t, m.tab.flows, 2)
	require.EqualValues(t, 10, m.packets())
	require.EqualValues(t, 6, m.untracked)
	require.EqualValues(t, 600, m.lostBytes)
	require.EqualValues(t, 1000, m.bytes)
}

// Whatever the order in which packets are seen, and however they are split over tables, the merged
// flows are the same.
func TestMergeIsIndependentOfSplit(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	type seen struct {
		d    decoded
		wire uint64
		ts   int64
	}
	packets := make([]seen, 2000)
	for i := range packets {
		d := decoded{key: testKey(rng.Uint64N(50)), dir: rng.IntN(2)}
		packets[i] = seen{d, rng.Uint64N(1500), 1 + rng.Int64N(300)} // many at the same time
	}
	sorted := func(fs []flow) []flow {
		fs = slices.Clone(fs)
		slices.SortFunc(fs, func(x, y flow) int { return x.key.compare(&y.key) })
		return fs
	}
	var want []flow
	for n := 1; n <= 4; n++ {
		tables := make([]*table, n)
		for i := range tables {
			tables[i] = newTable(1000)
		}
		rng.Shuffle(len(packets), func(i, j int) { packets[i], packets[j] = packets[j], packets[i] })
		for i := range packets {
			p := &packets[i]
			require.True(t, tables[rng.IntN(n)].add(&p.d, p.wire, p.ts))
		}
		got := sorted(merge(tables))
		if want == nil {
			want = got
		}
		require.Equal(t, want, got, "%d tables", n)
	}
	require.Len(t, want, 50)
}

func TestFlowStart(t *testing.T) {
	for _, c := range []struct {
		name    string
		first   [2]int64
		packets [2]uint64
		ns      int64
		dir     int
	}{
		{"a first", [2]int64{5, 9}, [2]uint64{1, 1}, 5, aToB},
		{"b first", [2]int64{9, 5}, [2]uint64{1, 1}, 5, bToA},
		{"at once", [2]int64{5, 5}, [2]uint64{1, 1}, 5, aToB},
		{"only a", [2]int64{5, 0}, [2]uint64{1, 0}, 5, aToB},
		{"only b", [2]int64{0, 5}, [2]uint64{0, 1}, 5, bToA},
		{"only a, no times", [2]int64{}, [2]uint64{1, 0}, 0, aToB},
		{"only b, no times", [2]int64{}, [2]uint64{0, 1}, 0, bToA},
		{"no times", [2]int64{}, [2]uint64{1, 1}, 0, aToB},
	} {
		f := flow{first: c.first, packets: c.packets}
		ns, dir := f.start()
		require.Equal(t, c.ns, ns, c.name)
		require.Equal(t, c.dir, dir, c.name)
	}
}
