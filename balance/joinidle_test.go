package balance_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
)

func TestJoinIdle(t *testing.T) {
	v := balance.NewView(4)
	b := make1(t, balance.JoinIdle(balance.RoundRobin()), v)
	require.False(t, b.Ordered())
	require.Equal(t, []int{0, 1, 2, 3, 0, 1}, picks(b, v, 6), "idle ones by turns")
	v.Depth[0], v.Depth[3] = 1, 5
	require.Equal(t, []int{2, 1, 2, 1}, picks(b, v, 4))
	v.SetOpen(2, false)
	require.NoError(t, b.Update(v))
	require.Equal(t, []int{1, 1}, picks(b, v, 2), "closed is not idle")
	v.Depth[1] = 1
	require.Equal(t, []int{0, 1, 3, 0}, picks(b, v, 4), "nobody idle: next's turns, none of which was spent before")

	v = balance.NewView(2) // fewer
	require.NoError(t, b.Update(v))
	require.ElementsMatch(t, []int{0, 1}, picks(b, v, 2))
	require.False(t, make1(t, balance.JoinIdle(balance.KeyHash()), v).Ordered(), "a key follows the idle")
	require.Equal(t, balance.ReadsDepth|balance.ReadsTaken, balance.ReadsOf(make1(t, balance.JoinIdle(reading(balance.ReadsTaken)), v)))
}

// An idle worker is found whenever there is one, wherever the last look ended; otherwise the pick is next's own.
func TestJoinIdleProperty(t *testing.T) {
	rng := rand.New(rand.NewPCG(43, 44))
	for range 500 {
		v := balance.NewView(1 + rng.IntN(130))
		for i := range v.N() {
			v.SetOpen(i, rng.IntN(4) > 0)
		}
		v.SetOpen(rng.IntN(v.N()), true)
		b, next := make1(t, balance.JoinIdle(balance.Random(9)), v), make1(t, balance.Random(9), v)
		for range 30 {
			idle := 0
			for i := range v.N() {
				v.Depth[i] = uint64(rng.IntN(1 + rng.IntN(200)))
				if v.IsOpen(i) && v.Depth[i] == 0 {
					idle++
				}
			}
			i := b.Pick(rng.Uint64(), v)
			if idle > 0 {
				require.True(t, v.IsOpen(i))
				require.Zero(t, v.Depth[i])
			} else {
				require.Equal(t, next.Pick(0, v), i)
			}
		}
	}
}

// A next policy that is missing, or does not work, is an error of each wrapper.
func TestWrappersRefuseNonsense(t *testing.T) {
	mine := errors.New("mine")
	neither := func(*balance.View) (balance.Balancer, error) { return nil, nil }
	fails := func(*balance.View) (balance.Balancer, error) { return nil, mine }
	for _, w := range []struct {
		name string
		wrap func(next balance.Policy) balance.Policy
	}{
		{"join idle", balance.JoinIdle},
		{"bounded depth", func(p balance.Policy) balance.Policy { return balance.BoundedDepth(1, p) }},
		{"fallback", func(p balance.Policy) balance.Policy { return balance.Fallback(p, balance.RoundRobin()) }},
		{"fallback", func(p balance.Policy) balance.Policy { return balance.Fallback(balance.RoundRobin(), p) }},
		{"traced", func(p balance.Policy) balance.Policy { return balance.Traced(balance.NewTrace(1, 1), p) }},
		{"traced", func(p balance.Policy) balance.Policy {
			if p == nil {
				return balance.Traced(nil, p)
			}
			return balance.Traced(balance.NewTrace(1, 1), p)
		}},
	} {
		v := balance.NewView(2)
		b, err := w.wrap(nil)(v)
		require.Nil(t, b, w.name)
		require.ErrorContains(t, err, "balance: "+w.name+" has no ")
		_, err = w.wrap(neither)(v)
		require.ErrorContains(t, err, w.name)
		require.ErrorContains(t, err, "neither a balancer nor an error")
		_, err = w.wrap(fails)(v)
		require.ErrorIs(t, err, mine, w.name)
	}
}

// reading is RoundRobin that says it looks at r.
func reading(r balance.Reads) balance.Policy {
	return func(v *balance.View) (balance.Balancer, error) {
		b, err := balance.RoundRobin()(v)
		return reader{b, r}, err
	}
}

type reader struct {
	balance.Balancer
	reads balance.Reads
}

func (r reader) Reads() balance.Reads { return r.reads }
