package balance_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/stretchr/testify/require"
)

// chiLimit is where a chi-square statistic of df degrees of freedom lies five standard deviations out
// (Wilson-Hilferty).
func chiLimit(df float64) float64 {
	return df * math.Pow(1-2/(9*df)+5*math.Sqrt(2/(9*df)), 3)
}

func TestNewView(t *testing.T) {
	for _, n := range []int{-5, 0, 1, 63, 64, 65, 128, 130} {
		v := balance.NewView(n)
		want := max(n, 0)
		require.Equal(t, want, v.N())
		require.Equal(t, want, v.OpenCount())
		for _, s := range [][]uint64{v.Sent, v.Taken, v.Depth, v.Cap} {
			require.Len(t, s, want)
		}
		require.Len(t, v.Weight, want)
		require.Len(t, v.Open, (want+63)/64)
		for i := range want {
			require.True(t, v.IsOpen(i))
			require.EqualValues(t, 1, v.Weight[i])
		}
	}
}

func TestViewOutOfRange(t *testing.T) {
	v := balance.NewView(3)
	for _, i := range []int{-1, 3, 63, 64, math.MaxInt, math.MinInt} {
		require.False(t, v.IsOpen(i), i)
		require.Panics(t, func() { v.SetOpen(i, true) }, i)
	}
	v.Open[0] = math.MaxUint64 // an owner that leaves stray bits
	require.Equal(t, 3, v.OpenCount())
	require.Equal(t, []int{0, 1, 2}, v.AppendOpen(nil))
	require.False(t, v.IsOpen(3))
	v.Open = append(v.Open, math.MaxUint64)
	require.Equal(t, 3, v.OpenCount())
	require.False(t, v.IsOpen(64))
}

func TestViewAgainstMap(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 63, 64, 65, 130} {
		v, model := balance.NewView(n), make(map[int]bool)
		for i := range n {
			model[i] = true
		}
		for range 500 {
			i, open := rng.IntN(n), rng.IntN(2) == 0
			v.SetOpen(i, open)
			if delete(model, i); open {
				model[i] = true
			}
			require.Equal(t, open, v.IsOpen(i))
			require.Equal(t, len(model), v.OpenCount())
			list := v.AppendOpen([]int{-7})
			require.Equal(t, -7, list[0], "AppendOpen appends")
			require.Len(t, list, len(model)+1)
			require.IsIncreasing(t, list)
			for _, w := range list[1:] {
				require.True(t, model[w])
			}
		}
	}
}
