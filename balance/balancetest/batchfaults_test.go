package balancetest

import (
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/stretchr/testify/require"
)

// batching is a sound balancer with a PickBatch of the test's.
type batching struct {
	balance.Balancer
	batch func(b balance.Balancer, keys []uint64, v *balance.View, out []int)
}

func (b batching) PickBatch(keys []uint64, v *balance.View, out []int) {
	b.batch(b.Balancer, keys, v, out)
}

func loop(b balance.Balancer, keys []uint64, v *balance.View, out []int) {
	for k, key := range keys {
		out[k] = b.Pick(key, v)
	}
}

func TestFindsBatchFaults(t *testing.T) {
	rr, kh := balance.RoundRobin(), balance.KeyHash()
	for _, f := range []struct {
		name, check, says string // says "": a sound one
		next              balance.Policy
		batch             func(b balance.Balancer, keys []uint64, v *balance.View, out []int)
	}{
		{"sound", "PickBatch", "", rr, loop},
		{"other picks", "PickBatch", "a loop of Pick", kh, func(b balance.Balancer, keys []uint64, v *balance.View, out []int) {
			for k := range keys { // one worker for the whole batch
				out[k] = b.Pick(keys[0], v)
			}
		}},
		{"other state afterwards", "PickBatch", "a loop of Pick", rr, func(b balance.Balancer, keys []uint64, v *balance.View, out []int) {
			loop(b, keys, v, out)
			b.Pick(0, v)
		}},
		{"blind to its own picks", "PickBatch", "counts its own picks", balance.BoundedDepth(2, rr), loop},
		{"out of range", "PickBatch", "out of range", rr, func(b balance.Balancer, keys []uint64, v *balance.View, out []int) {
			for k := range keys {
				out[k] = v.N()
			}
		}},
		{"leaves some out", "PickBatch", "-99, which is out of range", rr, func(b balance.Balancer, keys []uint64, v *balance.View, out []int) {
			loop(b, keys[:len(keys)/2], v, out)
		}},
		{"writes past", "PickBatch", "wrote past", rr, func(b balance.Balancer, keys []uint64, v *balance.View, out []int) {
			for k := range out {
				out[k] = b.Pick(0, v)
			}
		}},
		{"writes keys", "PickBatch", "changed its keys", kh, func(b balance.Balancer, keys []uint64, v *balance.View, out []int) {
			loop(b, keys, v, out)
			for k := range keys {
				keys[k] = balance.Mix(keys[k] + 1)
			}
		}},
		{"counts in the View", "PickBatch", "PickBatch changed Depth", rr, func(b balance.Balancer, keys []uint64, v *balance.View, out []int) {
			for k, key := range keys {
				out[k] = b.Pick(key, v)
				v.Depth[out[k]]++
			}
		}},
		{"allocates", "Allocations", "PickBatch", rr, func(b balance.Balancer, keys []uint64, v *balance.View, out []int) {
			allocate()
			loop(b, keys, v, out)
		}},
	} {
		t.Run(f.name, func(t *testing.T) {
			got := inspect(spoilt(f.next, func(b balance.Balancer, _ *balance.View) balance.Balancer {
				return batching{b, f.batch}
			}), Options{})
			if f.says == "" {
				require.Empty(t, got)
				return
			}
			require.Contains(t, got, f.check, "not found by its check")
			require.Contains(t, got[f.check][0], f.says)
			require.Contains(t, got[f.check][0], "the contract: ")
		})
	}
}
