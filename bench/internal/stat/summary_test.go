package stat

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRank: the ranks are those of the tables of the sign test, and hold what they promise up to the most rounds there
// can be.
func TestRank(t *testing.T) {
	for n, k := range map[int]int{
		1: 1, 5: 1, 6: 1, 8: 1, 9: 2, 11: 2, 12: 3, 14: 3, 15: 4, 16: 4, 17: 5, 20: 6, 22: 6, 25: 8, 50: 18, 100: 40,
	} {
		require.Equal(t, k, rank(n), "%d values", n)
	}
	for n := LeastRounds; n <= 1000; n++ {
		k, inside := rank(n), 0.0
		for i := k; i <= n-k; i++ {
			whole, _ := math.Lgamma(float64(n + 1))
			a, _ := math.Lgamma(float64(i + 1))
			b, _ := math.Lgamma(float64(n - i + 1))
			inside += math.Exp(whole - a - b - float64(n)*math.Ln2)
		}
		require.GreaterOrEqual(t, inside, confidence-1e-9, "%d values", n)
	}
}

// TestCoverage: the interval holds the median as often as it says, of a distribution with a long tail as well.
func TestCoverage(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const tries = 4000
	for _, n := range []int{6, 7, 9, 15} {
		held := 0
		for range tries {
			vs := make([]float64, n)
			for i := range vs {
				vs[i] = 1 / random.Float64() // the median is 2, and there is no mean
			}
			if in := Summarize(vs).Interval; in[0] <= 2 && 2 <= in[1] {
				held++
			}
		}
		require.Greater(t, float64(held)/tries, confidence-0.015, "%d values", n)
	}
}

func TestSummary(t *testing.T) {
	s := Summarize([]float64{5, 1, 4, 2, 3, 9, 8, 7, 6})
	require.Equal(t, Summary{9, [3]float64{3, 5, 7}, [2]float64{2, 8}}, s)
	require.True(t, s.Wide(0), "6 of 5")
	require.False(t, s.Wide(20), "6 of 20")
	require.False(t, Summarize([]float64{7}).Wide(0))
	require.False(t, Summarize([]float64{10, 10, 10, 11, 11, 12, 30}).Wide(0), "one accident")
	many := make([]float64, 400)
	for i := range many {
		many[i] = float64(100 + i%100)
	}
	require.False(t, Summarize(many).Wide(0), "the median of many is known well, however far they are apart")
	require.True(t, Summarize([]float64{7}).Few())
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name    string
		vs      []float64
		limit   float64
		atLeast bool
		want    Verdict
	}{
		{"below", []float64{0.8, 0.8, 0.9, 0.8, 0.8, 0.8}, 1, false, Met},
		{"just", []float64{1, 1, 1, 1, 1, 1}, 1, false, Met},
		{"just at least", []float64{1, 1, 1, 1, 1, 1}, 1, true, Met},
		{"above", []float64{1.1, 1.1, 1.1, 1.1, 1.1, 1.1}, 1, false, Missed},
		{"at least", []float64{1.1, 1.1, 1.1, 1.1, 1.1, 1.1}, 1, true, Met},
		{"not even", []float64{0.8, 0.8, 0.9, 0.8, 0.8, 0.8}, 1, true, Missed},
		{"wide", []float64{0.5, 0.7, 1.1, 1.3, 1.5, 1.6}, 1, false, Open},
		{"wide, but beyond", []float64{1.01, 2, 5, 7, 9, 20}, 1, true, Met},
		{"narrow, and around", []float64{0.98, 0.99, 0.99, 0.99, 1.01, 1.01, 1.01}, 1, false, Open},
		{"one of six beyond", []float64{0.9, 0.9, 0.9, 0.9, 0.9, 1.1}, 1, false, Open},
		{"one of nine beyond", []float64{0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 1.1}, 1, false, Met},
		{"few", []float64{0.5, 0.5, 0.5, 0.5, 0.5}, 1, false, Few},
	} {
		require.Equal(t, c.want, Summarize(c.vs).Judge(c.limit, c.atLeast), c.name)
	}
}
