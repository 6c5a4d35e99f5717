package balance_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pushcore/pushcore/balance"
)

// benchKeys are random, and more than a branch predictor remembers.
func benchKeys() (keys [8192]uint64) {
	rng := rand.New(rand.NewPCG(11, 12))
	for i := range keys {
		keys[i] = rng.Uint64()
	}
	return keys
}

// The row policy=none is the cost of the loop and the interface call, for subtraction.
func BenchmarkPick(b *testing.B) {
	keys := benchKeys()
	type row = struct {
		name   string
		policy balance.Policy
	}
	all := append(policies[:len(policies):len(policies)],
		row{"policy=Maglev/size=65537", balance.Maglev(65537)}, // its tables take too long for the conformance suite
		row{"policy=Rendezvous/weights=uneven", uneven(balance.Rendezvous())},
		row{"policy=none", fixed(0)})
	for _, p := range all {
		for _, n := range []int{2, 8, 64} {
			b.Run(fmt.Sprintf("%s/workers=%d", p.name, n), func(b *testing.B) {
				v := balance.NewView(n)
				bal, err := p.policy(v)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				i, sum := 0, 0
				for b.Loop() {
					sum += bal.Pick(keys[i&(len(keys)-1)], v)
					i++
				}
				sink = sum
			})
		}
	}
}

// BenchmarkPickFull is what a refused item costs when every worker is at the limit.
func BenchmarkPickFull(b *testing.B) {
	keys := benchKeys()
	for _, p := range policies {
		if !strings.Contains(p.name, "BoundedDepth") {
			continue
		}
		for _, n := range []int{2, 8, 64} {
			b.Run(fmt.Sprintf("%s/workers=%d", p.name, n), func(b *testing.B) {
				v := balance.NewView(n)
				bal, err := p.policy(v)
				if err != nil {
					b.Fatal(err)
				}
				for i := range v.Depth {
					v.Depth[i] = 64
				}
				b.ReportAllocs()
				i, sum := 0, 0
				for b.Loop() {
					sum += bal.Pick(keys[i&(len(keys)-1)], v)
					i++
				}
				sink = sum
			})
		}
	}
}

// BenchmarkPickBatch reports ns per item.
func BenchmarkPickBatch(b *testing.B) {
	keys, out := benchKeys(), make([]int, 32)
	for _, p := range policies[:2] {
		for _, n := range []int{2, 8, 64} {
			b.Run(fmt.Sprintf("%s/workers=%d/batch=%d", p.name, n, len(out)), func(b *testing.B) {
				v := balance.NewView(n)
				bal, err := p.policy(v)
				if err != nil {
					b.Fatal(err)
				}
				bp := bal.(balance.BatchPicker)
				b.ReportAllocs()
				i := 0
				for b.Loop() {
					at := i & (len(keys) - 1)
					bp.PickBatch(keys[at:at+len(out)], v, out)
					i += len(out)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(i), "ns/item")
			})
		}
	}
}

// uneven is next with weights 1, 2, 3, 1, 2, 3, and so on.
func uneven(next balance.Policy) balance.Policy {
	return func(v *balance.View) (balance.Balancer, error) {
		for i := range v.Weight {
			v.Weight[i] = uint32(i%3) + 1
		}
		return next(v)
	}
}

var sink int
