package balancesim_test

import (
	"fmt"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/balance/balancesim"
)

// How long do items take under a policy, compared with one queue for all workers?
func Example() {
	r, err := balancesim.Run(balancesim.Config{
		Policy:  balance.LeastLoaded(), // here: yours
		Workers: 8,
		Load:    0.9,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.1f, and %.1f at best\n", r.Sojourn.Mean, balancesim.MMc(8, 0.9))
	// Output: 2.1, and 1.9 at best
}

// A key with half of the traffic, service times of two kinds, and views that are up to 32 picks old.
func ExampleRank() {
	table, err := balancesim.Rank(
		balancesim.Config{
			Workers:      4,
			Load:         0.4,
			Items:        50_000,
			Service:      balancesim.Bimodal(0.5, 5.5, 0.1),
			RefreshEvery: 32,
		},
		[]balancesim.Keys{balancesim.HotKey(0.5, 1000)},
		[]balancesim.Contender{
			{Name: "mine", Policy: balance.BoundedDepth(8, balance.RoundRobin())},
			{Name: "KeyHash", Policy: balance.KeyHash()},
		},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, row := range table.Traffic[0].Rows {
		fmt.Printf("%s: the busiest worker has %.1f times the mean\n", row.Name, row.Result.Imbalance)
	}
	// Output:
	// mine: the busiest worker has 1.0 times the mean
	// KeyHash: the busiest worker has 2.5 times the mean
}
