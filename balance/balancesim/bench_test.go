package balancesim_test

import (
	"fmt"
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/balance/balancesim"
)

// BenchmarkRun reports ns per item; an item is two events, its arrival and its departure.
func BenchmarkRun(b *testing.B) {
	const items = 200_000
	for _, c := range []struct {
		name string
		cfg  balancesim.Config
	}{
		{"RoundRobin", balancesim.Config{Policy: balance.RoundRobin()}},
		{"PowerOfTwo", balancesim.Config{Policy: balance.PowerOfTwo(1)}},
		{"JBSQ/k=1", balancesim.Config{Policy: balance.JBSQ(1)}},
		{"KeyHash/zipf", balancesim.Config{Policy: balance.KeyHash(), Keys: balancesim.ZipfKeys(1.1, 10_000)}},
		{"PowerOfTwo/producers=4/every=32", balancesim.Config{Policy: balance.PowerOfTwo(1), Producers: 4, RefreshEvery: 32}},
	} {
		for _, n := range []int{8, 500} {
			b.Run(fmt.Sprintf("%s/workers=%d", c.name, n), func(b *testing.B) {
				c.cfg.Workers, c.cfg.Load, c.cfg.Items, c.cfg.WarmUp = n, 0.5, items, -1
				for b.Loop() {
					if _, err := balancesim.Run(c.cfg); err != nil {
						b.Fatal(err)
					}
				}
				perItem := float64(b.Elapsed().Nanoseconds()) / float64(b.N) / items
				b.ReportMetric(perItem, "ns/item")
				b.ReportMetric(2e9/perItem, "events/s")
			})
		}
	}
}
