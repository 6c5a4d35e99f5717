package balance_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
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
	all := append(policies[:len(policies):len(policies)], struct {
		name   string
		policy balance.Policy
	}{"policy=none", fixed(0)})
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
		if !strings.HasPrefix(p.name, "policy=BoundedDepth/") {
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

// BenchmarkShared is a pick that is sent, by producers that run at the same time; ns per pick of each. alone is the policy
// without Shared.
func BenchmarkShared(b *testing.B) {
	keys := benchKeys()
	for _, p := range []struct {
		name   string
		policy balance.Policy
	}{
		{"policy=RoundRobin", balance.RoundRobin()},
		{"policy=LeastLoaded", balance.LeastLoaded()},
		{"policy=StickyInFlight/next=KeyHash", balance.StickyInFlight(4096, balance.KeyHash())},
	} {
		for _, n := range []int{2, 8, 64} {
			for _, producers := range []int{0, 1, 2} {
				policy, mode := p.policy, "alone"
				if producers > 0 {
					policy, mode = balance.Shared(p.policy), fmt.Sprintf("producers=%d", producers)
				}
				b.Run(fmt.Sprintf("%s/workers=%d/%s", p.name, n, mode), func(b *testing.B) {
					b.ReportAllocs()
					var wg sync.WaitGroup
					for range max(producers, 1) {
						v := balance.NewView(n)
						bal, err := policy(v)
						if err != nil {
							b.Fatal(err)
						}
						wg.Go(func() {
							for i := range b.N {
								if w := bal.Pick(keys[i&(len(keys)-1)], v); w != balance.Full {
									v.Sent[w]++
									v.Depth[w]++
								}
								if i&31 == 31 { // the workers keep up
									copy(v.Taken, v.Sent)
									clear(v.Depth)
								}
							}
							if c, ok := bal.(balance.Closer); ok {
								c.Close(v)
							}
						})
					}
					wg.Wait()
				})
			}
		}
	}
}

var sink int
