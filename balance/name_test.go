package balance_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
)

type mine struct{ balance.Balancer }

type named struct{ balance.Balancer }

func (named) String() string { return "by colour" }

func TestNames(t *testing.T) {
	v := balance.NewView(2)
	for want, policy := range map[string]balance.Policy{
		"RoundRobin":                     balance.RoundRobin(),
		"SmoothWeighted":                 balance.SmoothWeighted(),
		"Random":                         balance.Random(1),
		"PowerOf(3)":                     balance.PowerOf(3, 1),
		"PowerOfTwo":                     balance.PowerOfTwo(1),
		"LeastLoaded":                    balance.LeastLoaded(),
		"JBSQ(4)":                        balance.JBSQ(4),
		"KeyHash":                        balance.KeyHash(),
		"Jump":                           balance.Jump(),
		"Rendezvous":                     balance.Rendezvous(),
		"Maglev":                         balance.Maglev(4099),
		"BoundedLoad(0.25)":              balance.BoundedLoad(0.25),
		"BoundedDepth(8, KeyHash)":       balance.BoundedDepth(8, balance.KeyHash()),
		"Fallback(KeyHash, Random)":      balance.Fallback(balance.KeyHash(), balance.Random(1)),
		"JoinIdle(Random)":               balance.JoinIdle(balance.Random(1)),
		"Flowlet(1ms, KeyHash)":          balance.Flowlet(4, time.Millisecond, balance.KeyHash()),
		"StickyInFlight(LeastLoaded)":    balance.StickyInFlight(4, balance.LeastLoaded()),
		"StickySpill(9, 3, KeyHash)":     balance.StickySpill(4, 9, 3, balance.KeyHash()),
		"Shared(StickyInFlight(Random))": balance.Shared(balance.StickyInFlight(4, balance.Random(1))),
		"Jump, whatever is traced":       nil,
		"balance_test.mine":              func(*balance.View) (balance.Balancer, error) { return mine{}, nil },
		"by colour":                      func(*balance.View) (balance.Balancer, error) { return named{}, nil },
	} {
		if policy == nil {
			want, policy = "Jump", balance.Traced(balance.NewTrace(1, 1), balance.Jump())
		}
		require.Equal(t, want, balance.Name(make1(t, policy, v)))
	}
}
