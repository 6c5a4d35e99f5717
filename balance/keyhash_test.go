package balance_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/stretchr/testify/require"
)

// SplitMix64 is a counter stepped by the golden ratio and Mix: its published outputs for seed 1234567 are vectors for
// Mix.
func TestMixVectors(t *testing.T) {
	const gamma = 0x9e3779b97f4a7c15
	seed := uint64(1234567)
	for _, want := range []uint64{
		6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821,
	} {
		seed += gamma
		require.Equal(t, want, balance.Mix(seed))
	}
	require.Zero(t, balance.Mix(0))
}

// Flipping any bit of the key flips each bit of the result half of the time.
func TestMixAvalanche(t *testing.T) {
	const rounds = 4096
	var flips [64][64]int
	rng := rand.New(rand.NewPCG(5, 6))
	for range rounds {
		key := rng.Uint64()
		for in := range 64 {
			diff := balance.Mix(key) ^ balance.Mix(key^1<<in)
			for out := range 64 {
				flips[in][out] += int(diff >> out & 1)
			}
		}
	}
	for in := range 64 {
		for out := range 64 {
			require.InDelta(t, rounds/2, flips[in][out], rounds/2*0.15, "bit %d to bit %d", in, out)
		}
	}
}

// The mapping is part of the contract: processes of different versions agree on it. The numbers were computed with big
// integers, apart from this package.
func TestKeyHashGolden(t *testing.T) {
	keys := []uint64{0, 1, 2, 3, 0xdeadbeef, math.MaxInt64, 1 << 63, math.MaxUint64}
	for n, want := range map[int][]int{
		1:   {0, 0, 0, 0, 0, 0, 0, 0},
		2:   {1, 0, 1, 0, 1, 1, 1, 1},
		8:   {4, 3, 6, 2, 4, 5, 7, 5},
		64:  {33, 27, 50, 17, 38, 44, 56, 41},
		130: {68, 55, 103, 35, 79, 90, 114, 83},
	} {
		v := balance.NewView(n)
		b := make1(t, balance.KeyHash(), v)
		var got []int
		for _, k := range keys {
			got = append(got, b.Pick(k, v))
		}
		require.Equal(t, want, got, "%d workers", n)
	}
}

func TestKeyHashIsEven(t *testing.T) {
	const perWorker = 200
	rng := rand.New(rand.NewPCG(7, 8))
	for _, n := range []int{2, 3, 7, 8, 64, 65, 130} {
		b := make1(t, balance.KeyHash(), balance.NewView(n))
		for name, key := range map[string]func(i uint64) uint64{
			"random":         func(uint64) uint64 { return rng.Uint64() },
			"counter":        func(i uint64) uint64 { return i },
			"pointers":       func(i uint64) uint64 { return 0xc000_0000_0000 + i*64 },
			"pages":          func(i uint64) uint64 { return i << 12 },
			"high bits only": func(i uint64) uint64 { return i << 40 },
			"negative":       func(i uint64) uint64 { return -i },
			"already hashed": balance.Mix,
		} {
			keys := make([]uint64, n*perWorker)
			for i := range keys {
				keys[i] = key(uint64(i))
			}
			requireEven(t, load(t, b, n, keys), name)
		}
	}
}

// Every producer, each with a balancer of its own, agrees on the worker of a key, before and after a membership change
// and when the change is undone.
func TestKeyHashAgreesAcrossProducers(t *testing.T) {
	v := balance.NewView(9)
	a := make1(t, balance.KeyHash(), v)
	before := make([]int, 500)
	for k := range before {
		before[k] = a.Pick(uint64(k), v)
	}
	agree := func() {
		t.Helper()
		b := make1(t, balance.KeyHash(), v) // a producer that joins now
		for k := range uint64(500) {
			require.Equal(t, a.Pick(k, v), b.Pick(k, v))
		}
	}
	agree()
	v.SetOpen(4, false)
	require.NoError(t, a.Update(v))
	agree()
	v.SetOpen(4, true)
	require.NoError(t, a.Update(v))
	agree()
	for k, want := range before {
		require.Equal(t, want, a.Pick(uint64(k), v))
	}
}

// How many keys move is documented: a half when an end closes, a quarter when the middle of many does.
func TestKeyHashDisruption(t *testing.T) {
	const keys = 20000
	for closed, want := range map[int]float64{0: 0.5, 32: 0.25, 63: 0.5} {
		v := balance.NewView(64)
		a := make1(t, balance.KeyHash(), v)
		v.SetOpen(closed, false)
		b := make1(t, balance.KeyHash(), v)
		moved := 0
		for k := range uint64(keys) {
			if a.Pick(k, v) != b.Pick(k, v) {
				moved++
			}
		}
		require.InDelta(t, want, float64(moved)/keys, 0.03, "closing %d", closed)
	}
}

// A cluster picks the node with a hash, the node picks the worker with the same one. Without a second mix all keys of
// node 0 would have high bits zero, and all would go to worker 0.
func TestKeyHashDoesNotPolarise(t *testing.T) {
	const nodes, workers, perWorker = 16, 8, 200
	for name, hash := range map[string]func(uint64) uint64{
		"node by Mix, same key":       func(k uint64) uint64 { return k },
		"node by Mix, hash as key":    balance.Mix,
		"node by Mix of the next key": func(k uint64) uint64 { return k + 0x9e3779b97f4a7c15 },
	} {
		v := balance.NewView(workers)
		b := make1(t, balance.KeyHash(), v)
		var got [nodes][workers]int
		for k := range uint64(nodes * workers * perWorker) {
			node := balance.Mix(k) >> 60
			got[node][b.Pick(hash(k), v)]++
		}
		for node := range got {
			requireEven(t, got[node][:], name)
		}
	}
}
