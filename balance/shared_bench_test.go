package balance_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/pushcore/pushcore/balance"
)

// BenchmarkShared is a pick that is sent, by producers that run at the same time; ns per pick of each. alone is the
// policy without Shared.
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
							if c, ok := bal.(balance.Member); ok {
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
