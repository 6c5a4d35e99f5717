package balancesim

import (
	"time"

	"github.com/pushcore/pushcore/balance"
)

// Shelf returns the policies of package balance, with arguments that suit some ten workers, to compare one's own with.
// The seed is for those that draw. Unit is Config.Unit, 0 for the default: Flowlet lets keys move after a pause of 20
// units. Of RSS there is one with a table that nobody assigns, and one with a table of each producer's, rebalanced
// every 5000 picks.
func Shelf(seed uint64, unit time.Duration) []Contender {
	setDefault(&unit, DefaultUnit)
	draws := drawSeed(seed)
	const buckets = 4096
	table, err := balance.NewIndirection(512)
	if err != nil {
		panic(err) // 512 is a power of two
	}
	return []Contender{
		{"RoundRobin", balance.RoundRobin()},
		{"SmoothWeighted", balance.SmoothWeighted()},
		{"Random", balance.Random(draws)},
		{"PowerOfTwo", balance.PowerOfTwo(draws)},
		{"PowerOf(3)", balance.PowerOf(3, draws)},
		{"LeastLoaded", balance.LeastLoaded()},
		{"JoinIdle(Random)", balance.JoinIdle(balance.Random(draws))},
		{"JBSQ(1)", balance.JBSQ(1)},
		{"JBSQ(2)", balance.JBSQ(2)},
		{"KeyHash", balance.KeyHash()},
		{"Jump", balance.Jump()},
		{"Rendezvous", balance.Rendezvous()},
		{"Maglev(4099)", balance.Maglev(4099)},
		{"RSS(512)", balance.RSS(table)},
		{"RSS(512) rebalanced", rssRebalanced(512, 5000)},
		{"BoundedLoad(0.25)", balance.BoundedLoad(0.25)},
		{"BoundedDepth(8, KeyHash)", balance.BoundedDepth(8, balance.KeyHash())},
		{"StickyInFlight(LeastLoaded)", balance.StickyInFlight(buckets, balance.LeastLoaded())},
		{"Flowlet(20, LeastLoaded)", balance.Flowlet(buckets, 20*unit, balance.LeastLoaded())},
		{"StickySpill(8, 2, KeyHash)", balance.StickySpill(buckets, 8, 2, balance.KeyHash())},
		{"Fallback(BoundedDepth(4, KeyHash), PowerOfTwo)", balance.Fallback(balance.BoundedDepth(4, balance.KeyHash()), balance.PowerOfTwo(draws))},
	}
}

// drawSeed makes a policy's seed of a simulation's: never 0, with which a policy draws a seed of its own.
func drawSeed(seed uint64) uint64 { return balance.Mix(seed) | 1 }
