package balance_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/stretchr/testify/require"
)

func sqrt(x float64) float64 { return math.Sqrt(x) }

func TestBoundedLoadRefusesNonsense(t *testing.T) {
	for _, eps := range []float64{0, -0.5, math.NaN(), math.Inf(1), math.Inf(-1)} {
		_, err := balance.BoundedLoad(eps)(balance.NewView(2))
		require.ErrorContains(t, err, "want a finite number above 0", eps)
	}
	_, err := balance.BoundedLoad(-0.5)(balance.NewView(2))
	require.ErrorContains(t, err, "-0.5", "the error names the value")
}

// ceiling is ceil((1+eps) * items * weight / total), in exact arithmetic.
func ceiling(eps float64, items, weight, total uint64) uint64 {
	x := new(big.Rat).SetFloat64(1 + eps)
	x.Mul(x, new(big.Rat).SetInt(new(big.Int).SetUint64(items*weight)))
	x.Quo(x, new(big.Rat).SetInt(new(big.Int).SetUint64(total)))
	up := new(big.Int).Add(x.Num(), x.Denom())
	up.Sub(up, big.NewInt(1))
	return up.Div(up, x.Denom()).Uint64()
}

// In any history no pick makes a load exceed the bound; and each goes to the first worker of the key's ranking that may
// have it, which Rendezvous tells when the ones before are closed.
func TestBoundedLoadNeverExceedsTheBound(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 32))
	full := 0
	for range 150 {
		n, eps := 1+rng.IntN(12), []float64{1.0 / 16, 0.25, 0.5, 1, 3, 1e-300, 1e300}[rng.IntN(7)]
		v := balance.NewView(n)
		if rng.IntN(2) == 0 {
			for i := range v.Weight {
				v.Weight[i] = rng.Uint32N(6)
			}
			v.Weight[rng.IntN(n)] = 3
		}
		b := make1(t, balance.BoundedLoad(eps), v)
		hot := rng.Uint64()
		for range 200 {
			key := rng.Uint64()
			switch rng.IntN(8) {
			case 0, 1, 2:
				key = hot
			case 3:
				w := rng.IntN(n)
				v.Taken[w] += rng.Uint64N(v.Sent[w] - v.Taken[w] + 1)
			case 4:
				v.SetOpen(rng.IntN(n), rng.IntN(3) > 0)
				if b.Update(v) != nil {
					for i := range n {
						v.SetOpen(i, true)
					}
					require.NoError(t, b.Update(v))
				}
			}
			items, total := uint64(1), uint64(0)
			for _, w := range v.AppendOpen(nil) {
				if v.Weight[w] > 0 {
					items += v.Sent[w] - v.Taken[w]
					total += uint64(v.Weight[w])
				}
			}
			may := func(w int) bool {
				if eps >= 1e300 {
					return true
				}
				return v.Sent[w]-v.Taken[w]+1 <= ceiling(eps, items, uint64(v.Weight[w]), total)
			}
			got := b.Pick(key, v)
			require.NotEqual(t, balance.Full, got)
			require.True(t, may(got), "eps %v, weights %v, sent %v, taken %v: %d", eps, v.Weight, v.Sent, v.Taken, got)

			rest := balance.NewView(n)
			copy(rest.Weight, v.Weight)
			copy(rest.Open, v.Open)
			order := make1(t, balance.Rendezvous(), rest)
			want := order.Pick(key, rest)
			for !may(want) {
				full++
				rest.SetOpen(want, false)
				require.NoError(t, order.Update(rest))
				want = order.Pick(key, rest)
			}
			require.Equal(t, want, got, "the first with room")
			v.Sent[got]++
			v.Depth[got]++
		}
	}
	require.Greater(t, full, 1000, "there were workers without room to pass")
}

// Half of all items have one key: its worker has no more than its share, where Rendezvous gives it more than half.
func TestBoundedLoadSpreadsAHotKey(t *testing.T) {
	const n, items, eps = 8, 4000, 0.25
	v := balance.NewView(n)
	b := make1(t, balance.BoundedLoad(eps), v)
	for k := range uint64(items) {
		send(b, k%2*k, v) // 0, 1, 0, 3, 0, 5, ...
	}
	for i, d := range v.Depth {
		require.LessOrEqual(t, d, uint64(math.Ceil((1+eps)*items/n)), "worker %d: %v", i, v.Depth)
	}
}

// At fullness a key passes O(1/eps^2) workers on average, however many there are.
func TestBoundedLoadProbes(t *testing.T) {
	for _, eps := range []float64{0.25, 0.5, 1} {
		for _, n := range []int{16, 128} {
			v := balance.NewView(n)
			b := make1(t, balance.BoundedLoad(eps), v)
			for k := range uint64(10 * n) {
				send(b, k, v)
			}
			const trials = 200
			probes := 0
			for k := range uint64(trials) {
				rest := balance.NewView(n)
				order := make1(t, balance.Rendezvous(), rest)
				key := 1<<40 + k
				got := b.Pick(key, v)
				for probes++; ; probes++ {
					w := order.Pick(key, rest)
					if w == got {
						break
					}
					rest.SetOpen(w, false)
					require.NoError(t, order.Update(rest))
				}
			}
			require.Less(t, float64(probes)/trials, 1+1/(eps*eps), "eps %v, %d workers", eps, n)
		}
	}
}
