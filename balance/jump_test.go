package balance_test

import (
	"slices"
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/stretchr/testify/require"
)

// From the reference C++ code, as in the tests of github.com/dgryski/go-jump: keys among 1, 2, 3 and so on slots.
func TestJumpVectors(t *testing.T) {
	for key, want := range map[uint64][]int{
		0xdeadbeef: slices.Concat([]int{0, 1, 2, 3, 3}, slices.Repeat([]int{5}, 11), []int{16, 16, 16}),
		1:          slices.Concat(slices.Repeat([]int{0}, 6), slices.Repeat([]int{6}, 11), []int{17, 17}),
	} {
		for i, w := range want {
			require.Equal(t, w, balance.JumpSlot(key, i+1), "key %#x, %d slots", key, i+1)
		}
	}
}

// With everyone open, and on the first throw in any case, it is the published function, of a key that was mixed.
func TestJumpIsJumpHash(t *testing.T) {
	const n = 50
	v := balance.NewView(n)
	v.SetOpen(20, false)
	b := make1(t, balance.Jump(), v)
	for key := range uint64(2000) {
		if want := balance.JumpSlot(balance.KeyedHash(key), n); want != 20 {
			require.Equal(t, want, b.Pick(key, v))
		}
	}
}

// With one worker open of very many, throws would go on for long: a key gets there in a bounded number.
func TestJumpEndsWhereNearlyAllAreClosed(t *testing.T) {
	const n = 20_000
	v := balance.NewView(n)
	for i := range n {
		v.SetOpen(i, i == 777 || i == 888)
	}
	b := make1(t, balance.Jump(), v)
	got := map[int]int{}
	for key := range uint64(2000) {
		got[b.Pick(key, v)]++
	}
	requireEven(t, []int{got[777], got[888]}, "the two that are open")
	require.Len(t, got, 2)
}

// Weights are ignored, also weights of 0.
func TestJumpIgnoresWeights(t *testing.T) {
	v := balance.NewView(5)
	b := make1(t, balance.Jump(), v)
	before := homes(b, v, 100)
	clear(v.Weight)
	require.NoError(t, b.Update(v))
	require.Equal(t, before, homes(b, v, 100))
}
