package balance_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/stretchr/testify/require"
)

// One worker more at the end gets 1/(n+1) of the keys, and few others move.
func TestGrowthMovesFewKeys(t *testing.T) {
	for _, p := range consistent {
		for _, n := range []int{1, 2, 7, 8, 64, 129} {
			v, w := balance.NewView(n), balance.NewView(n+1)
			gone := n / 2
			if n == 64 { // one is closed before and after: its keys do not move for that
				v.SetOpen(gone, false)
				w.SetOpen(gone, false)
			}
			b := make1(t, p.policy, v)
			before := homes(b, v, disruptionKeys)
			copy(w.Weight, v.Weight)
			require.NoError(t, b.Update(w))
			all, his := moved(before, homes(b, w, disruptionKeys), n)
			if p.name != "Rendezvous/uneven" {
				ideal := 1 / float64(w.OpenCount())
				require.InDelta(t, ideal, float64(his)/disruptionKeys, 0.01+0.05*ideal, "%s, %d workers and one more", p.name, n)
			}
			require.LessOrEqual(t, float64(all-his)/disruptionKeys, p.others, "%s, %d workers and one more", p.name, n)
		}
	}
}

// A worker that goes, wherever it stands, gives its keys to all others, and few others move; it comes back to the same.
func TestLossMovesFewKeys(t *testing.T) {
	sizes := []int{2, 3, 8, 64, 130}
	if testing.Short() {
		sizes = []int{3, 64}
	}
	for _, p := range consistent {
		for _, n := range sizes {
			v := balance.NewView(n)
			b := make1(t, p.policy, v)
			before := homes(b, v, disruptionKeys)
			for _, gone := range []int{0, n / 2, n - 1} {
				had := 0
				for _, w := range before {
					if w == gone {
						had++
					}
				}
				if p.name != "Rendezvous/uneven" {
					require.InDelta(t, 1/float64(n), float64(had)/disruptionKeys, 0.01+0.05/float64(n), "%s: %d of %d", p.name, gone, n)
				}
				v.SetOpen(gone, false)
				require.NoError(t, b.Update(v))
				after := homes(b, v, disruptionKeys)
				all, his := moved(before, after, gone)
				require.Equal(t, had, his, "all that it had")
				require.LessOrEqual(t, float64(all-his)/disruptionKeys, p.others, "%s: %d of %d", p.name, gone, n)

				heirs := make([]int, n)
				for k, w := range before {
					if w == gone {
						heirs[after[k]]++
					}
				}
				heirs = append(heirs[:gone], heirs[gone+1:]...)
				if p.name != "Rendezvous/uneven" && n > 2 && p.others == 0 {
					requireEven(t, heirs, fmt.Sprintf("%s: heirs of %d of %d", p.name, gone, n))
				}
				v.SetOpen(gone, true)
				require.NoError(t, b.Update(v))
				require.Equal(t, before, homes(b, v, disruptionKeys), "%s: back", p.name)
			}
		}
	}
}

// Workers come and go one at a time, until nearly all are closed: each time only keys of that worker move, and all
// agree with a balancer that has not seen the history.
func TestNoKeyMovesBetweenOthers(t *testing.T) {
	const n, keys = 40, 3000
	for _, p := range consistent {
		if p.others > 0 {
			continue
		}
		rng := rand.New(rand.NewPCG(21, 22))
		v := balance.NewView(n)
		b := make1(t, p.policy, v)
		before := homes(b, v, keys)
		for step := range 120 {
			who := rng.IntN(n)
			v.SetOpen(who, !v.IsOpen(who) || (step >= 60 && rng.IntN(4) > 0) || v.OpenCount() == 1)
			require.NoError(t, b.Update(v))
			after := homes(b, v, keys)
			all, his := moved(before, after, who)
			require.Equal(t, his, all, "%s, step %d", p.name, step)
			require.Equal(t, after, homes(make1(t, p.policy, v), v, keys), "%s: no history", p.name)
			before = after
		}
	}
}

// Scaling all weights changes nothing; a change of one weight moves keys only from or to that worker.
func TestRendezvousWeightsMoveFewKeys(t *testing.T) {
	const n, keys = 12, 20_000
	v := balance.NewView(n)
	b := make1(t, balance.Rendezvous(), v)
	v.Weight[0] = 2
	require.NoError(t, b.Update(v))
	before := homes(b, v, keys)
	for i := range v.Weight {
		v.Weight[i] *= 8 // a power of two: exact in floating point
	}
	require.NoError(t, b.Update(v))
	require.Equal(t, before, homes(b, v, keys))
	v.Weight[5] = 20
	require.NoError(t, b.Update(v))
	after := homes(b, v, keys)
	all, his := moved(before, after, 5)
	require.Equal(t, his, all)
	require.NotZero(t, all)
	for k, w := range before {
		if w == 5 {
			require.Equal(t, 5, after[k], "more weight takes nothing away")
		}
	}
}
