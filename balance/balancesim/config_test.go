package balancesim_test

import (
	"errors"
	"math"
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/balance/balancesim"
	"github.com/stretchr/testify/require"
)

// What makes no sense is refused with an error that names it.
func TestBadConfig(t *testing.T) {
	good := balancesim.Config{Policy: balance.RoundRobin(), Workers: 2, Load: 0.5, Items: 100}
	_, err := balancesim.Run(good)
	require.NoError(t, err)
	for says, spoil := range map[string]func(c *balancesim.Config){
		"Policy is nil":            func(c *balancesim.Config) { c.Policy = nil },
		"Workers is 0":             func(c *balancesim.Config) { c.Workers = 0 },
		"Workers is -1":            func(c *balancesim.Config) { c.Workers = -1 },
		"Load is 0":                func(c *balancesim.Config) { c.Load = 0 },
		"Load is NaN":              func(c *balancesim.Config) { c.Load = math.NaN() },
		"Items is -5":              func(c *balancesim.Config) { c.Items = -5 },
		"Producers is -1":          func(c *balancesim.Config) { c.Producers = -1 },
		"WarmUp is 1073741825":     func(c *balancesim.Config) { c.WarmUp = 1<<30 + 1 },
		"Runs is -1":               func(c *balancesim.Config) { c.Runs = -1 },
		"Batches is 101":           func(c *balancesim.Config) { c.Batches = 101 },
		"Cap is -1":                func(c *balancesim.Config) { c.Cap = -1 },
		"RefreshEvery is -1":       func(c *balancesim.Config) { c.RefreshEvery = -1 },
		"RefreshAfter is -1":       func(c *balancesim.Config) { c.RefreshAfter = -1 },
		"Unit is -1ns":             func(c *balancesim.Config) { c.Unit = -1 },
		"Confidence is 95":         func(c *balancesim.Config) { c.Confidence = 95 },
		"Speed has 1 entries":      func(c *balancesim.Config) { c.Speed = []float64{1} },
		"Speed[1] is 0":            func(c *balancesim.Config) { c.Speed = []float64{1, 0} },
		"Weight has 3 entries":     func(c *balancesim.Config) { c.Weight = []uint32{1, 2, 3} },
		"has the mean 0":           func(c *balancesim.Config) { c.Service = balancesim.Deterministic(0) },
		"has the mean -1":          func(c *balancesim.Config) { c.Gaps = balancesim.Exponential(-1) },
		`Service "x" has no Draw`:  func(c *balancesim.Config) { c.Service = balancesim.Dist{Name: "x", Mean: 1} },
		"are -1: there must":       func(c *balancesim.Config) { c.Keys = balancesim.UniformKeys(-1) },
		"are 1073741824":           func(c *balancesim.Config) { c.Keys = balancesim.UniformKeys(1 << 30) },
		"have no Draw":             func(c *balancesim.Config) { c.Keys = balancesim.Keys{N: 1} },
		"product must be at most":  func(c *balancesim.Config) { c.Keys, c.Producers = balancesim.UniformKeys(1<<22), 64 },
		"depth limit 0 is too low": func(c *balancesim.Config) { c.Policy = balance.BoundedDepth(0, balance.RoundRobin()) },
		"neither a balancer": func(c *balancesim.Config) {
			c.Policy = func(*balance.View) (balance.Balancer, error) { return nil, nil }
		},
		"picked worker 2 of 2": func(c *balancesim.Config) {
			c.Policy = spoilt(balance.RoundRobin(), func(b balance.Balancer, key uint64, v *balance.View) int { return b.Pick(key, v) + 1 })
		},
	} {
		c := good
		spoil(&c)
		_, err := balancesim.Run(c)
		require.ErrorContains(t, err, says)
	}
	_, err = balancesim.Rank(good, nil, []balancesim.Contender{{Name: "x", Policy: balance.RoundRobin()}})
	require.ErrorContains(t, err, "at least one")
	_, err = balancesim.Rank(good, []balancesim.Keys{{}}, []balancesim.Contender{{Name: "mine", Policy: func(*balance.View) (balance.Balancer, error) {
		return nil, errors.New("no")
	}}})
	require.ErrorContains(t, err, "mine: ")
}

// spoilt is a policy with a Pick of the test's.
func spoilt(p balance.Policy, pick func(b balance.Balancer, key uint64, v *balance.View) int) balance.Policy {
	return func(v *balance.View) (balance.Balancer, error) {
		b, err := p(v)
		return spoiltBalancer{b, pick}, err
	}
}

type spoiltBalancer struct {
	balance.Balancer
	pick func(b balance.Balancer, key uint64, v *balance.View) int
}

func (b spoiltBalancer) Pick(key uint64, v *balance.View) int { return b.pick(b.Balancer, key, v) }
