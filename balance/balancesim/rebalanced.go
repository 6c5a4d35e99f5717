package balancesim

import "github.com/pushcore/pushcore/balance"

// rebalanced is RSS with a Rebalancer that is called every so many picks, in the place of a timer. Each producer has a
// table of its own, so that runs do not learn from each other.
type rebalanced struct {
	balance.Balancer
	r            *balance.Rebalancer
	every, picks int
}

func rssRebalanced(buckets, every int) balance.Policy {
	return func(v *balance.View) (balance.Balancer, error) {
		table, err := balance.NewIndirection(buckets)
		if err != nil {
			return nil, err
		}
		b, err := balance.RSS(table)(v)
		if err != nil {
			return nil, err
		}
		r, err := balance.NewRebalancer(table, balance.RebalancerConfig{})
		if err != nil {
			return nil, err
		}
		return &rebalanced{Balancer: b, r: r, every: every}, nil
	}
}

func (b *rebalanced) Pick(key uint64, v *balance.View) int {
	if b.picks++; b.picks%b.every == 0 {
		if plan, err := b.r.Plan(v); err == nil { // an error: nobody is open, and Pick says so
			_ = b.r.Apply(plan)
		}
	}
	return b.Balancer.Pick(key, v)
}

// Reads implements [balance.Frugal].
func (b *rebalanced) Reads() balance.Reads { return balance.ReadsOf(b.Balancer) }
