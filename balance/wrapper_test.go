package balance_test

import (
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/stretchr/testify/require"
)

// Wrappers pass on that a producer ends, and how to look at it.
func TestWrappersPassOn(t *testing.T) {
	for name, wrap := range map[string]func(balance.Policy) balance.Policy{
		"BoundedDepth":   func(p balance.Policy) balance.Policy { return balance.BoundedDepth(9, p) },
		"StickyInFlight": func(p balance.Policy) balance.Policy { return balance.StickyInFlight(64, p) },
		"Flowlet":        func(p balance.Policy) balance.Policy { return balance.Flowlet(64, 1, p) },
		"StickySpill":    func(p balance.Policy) balance.Policy { return balance.StickySpill(64, 2, 1, p) },
		"JoinIdle":       balance.JoinIdle,
		"Traced":         func(p balance.Policy) balance.Policy { return balance.Traced(balance.NewTrace(1, 1), p) },
		"Fallback/first": func(p balance.Policy) balance.Policy { return balance.Fallback(p, balance.RoundRobin()) },
		"Fallback":       func(p balance.Policy) balance.Policy { return balance.Fallback(balance.RoundRobin(), p) },
		"Shared":         balance.Shared,
	} {
		var watched, closed int
		ear := listening{balance.Balancer(nil), &watched, &closed}
		b := make1(t, wrap(func(v *balance.View) (balance.Balancer, error) {
			var err error
			ear.Balancer, err = balance.KeyHash()(v)
			return ear, err
		}), balance.NewView(2))
		require.True(t, balance.Shares(b), name)
		b.(balance.Member).Watch(func(int) uint64 { return 0 })
		b.(balance.Member).Close(balance.NewView(2))
		if name == "Shared" { // its balancers are members of their own
			require.Zero(t, watched+closed)
			continue
		}
		require.Equal(t, []int{1, 1}, []int{watched, closed}, name)
	}
}

type listening struct {
	balance.Balancer
	watched, closed *int
}

func (l listening) Watch(func(int) uint64) { *l.watched++ }
func (l listening) Close(*balance.View)    { *l.closed++ }
func (l listening) Shares() bool           { return true }
