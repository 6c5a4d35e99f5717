package balancetest

import (
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/stretchr/testify/require"
)

// Sound policies pass, also those that are sound in an unusual way. A suite that cries wolf is no use.
func TestSoundPolicies(t *testing.T) {
	Run(t, balance.RoundRobin())
	Run(t, balance.KeyHash())
	Run(t, balance.BoundedDepth(2, balance.RoundRobin()))
	Run(t, balance.BoundedDepth(2, balance.KeyHash()))
	t.Run("TwoChoices", func(t *testing.T) { Run(t, twoChoices(func() uint64 { return 1 })) })
	t.Run("TwoChoicesSeeded", func(t *testing.T) {
		var seeds atomic.Uint64 // a policy is called by any goroutine
		RunWith(t, twoChoices(func() uint64 { return seeds.Add(1) }), Options{Random: true})
	})
	t.Run("Standby", func(t *testing.T) { RunWith(t, standby, Options{MayPack: true}) })
	t.Run("Small", func(t *testing.T) { RunWith(t, atMost(4, balance.RoundRobin()), Options{Workers: []int{1, 4}}) })
	t.Run("Rate", func(t *testing.T) { RunWith(t, oneInTwo, Options{MayRefuse: true}) })
	t.Run("DepthAwareBatch", func(t *testing.T) { Run(t, shallowest) })
}

// Each option is needed: without it the same policy is refused.
func TestOptionsMatter(t *testing.T) {
	var seeds atomic.Uint64
	require.Contains(t, inspect(twoChoices(func() uint64 { return seeds.Add(1) }), Options{}), "Unshared")
	require.Contains(t, inspect(standby, Options{}), "Spread")
	require.Contains(t, inspect(atMost(4, balance.RoundRobin()), Options{}), "Picks")
	require.Contains(t, inspect(oneInTwo, Options{}), "Picks")
}

// made is a balancer put together from functions.
type made struct {
	pick    func(key uint64, v *balance.View) int
	update  func(v *balance.View) error
	ordered func() bool
}

func (m *made) Pick(key uint64, v *balance.View) int { return m.pick(key, v) }
func (m *made) Update(v *balance.View) error         { return m.update(v) }
func (m *made) Ordered() bool                        { return m.ordered() }

func yes() bool { return true }
func no() bool  { return false }

func noUpdate(*balance.View) error { return nil }

// twoChoices draws two open workers and takes the shallower.
func twoChoices(seed func() uint64) balance.Policy {
	return func(v *balance.View) (balance.Balancer, error) {
		rng, open := rand.New(rand.NewPCG(seed(), 0)), []int(nil)
		m := &made{ordered: no}
		m.pick = func(_ uint64, v *balance.View) int {
			if len(open) == 0 {
				return balance.Full
			}
			a, b := open[rng.IntN(len(open))], open[rng.IntN(len(open))]
			if v.Depth[b] < v.Depth[a] {
				return b
			}
			return a
		}
		m.update = func(v *balance.View) error {
			if open = v.AppendOpen(open[:0]); len(open) == 0 {
				return balance.ErrNoWorker
			}
			return nil
		}
		return m, m.update(v)
	}
}

// standby picks the lowest open worker. It never refuses an Update, and answers Full with nobody there.
func standby(*balance.View) (balance.Balancer, error) {
	return &made{ordered: yes, update: noUpdate, pick: func(_ uint64, v *balance.View) int {
		for i := range v.N() {
			if v.IsOpen(i) {
				return i
			}
		}
		return balance.Full
	}}, nil
}

// atMost serves groups of up to n workers only.
func atMost(n int, next balance.Policy) balance.Policy {
	return func(v *balance.View) (balance.Balancer, error) {
		if v.N() > n {
			return nil, errors.New("too many workers")
		}
		return next(v)
	}
}

// oneInTwo refuses every other item.
func oneInTwo(v *balance.View) (balance.Balancer, error) {
	b, err := balance.RoundRobin()(v)
	if err != nil {
		return nil, err
	}
	turn := false
	return &made{ordered: no, update: b.Update, pick: func(key uint64, v *balance.View) int {
		if turn = !turn; turn {
			return balance.Full
		}
		return b.Pick(key, v)
	}}, nil
}

// shallowest is depth-aware and a BatchPicker: it counts its own picks of a batch in memory of its own.
func shallowest(v *balance.View) (balance.Balancer, error) {
	b := &shallow{}
	return b, b.Update(v)
}

type shallow struct {
	mine []uint64 // picks of the present batch, by worker
	last int
}

func (b *shallow) Pick(_ uint64, v *balance.View) int {
	best := balance.Full
	for k := 1; k <= v.N(); k++ {
		i := (b.last + k) % v.N()
		if v.IsOpen(i) && (best == balance.Full || v.Depth[i]+b.mine[i] < v.Depth[best]+b.mine[best]) {
			best = i
		}
	}
	if best != balance.Full {
		b.last = best
	}
	return best
}

func (b *shallow) PickBatch(keys []uint64, v *balance.View, out []int) {
	for k, key := range keys {
		out[k] = b.Pick(key, v)
		if out[k] != balance.Full {
			b.mine[out[k]]++
		}
	}
	clear(b.mine)
}

func (b *shallow) Update(v *balance.View) error {
	b.mine = make([]uint64, v.N())
	if v.OpenCount() == 0 {
		return balance.ErrNoWorker
	}
	return nil
}

func (b *shallow) Ordered() bool { return false }
