package balance_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
)

func TestJBSQFillsThenRefuses(t *testing.T) {
	v := balance.NewView(3)
	b := make1(t, balance.JBSQ(2), v)
	require.False(t, b.Ordered())
	v.Depth[1] = 1 // another producer's
	var got []int
	for range 7 {
		got = append(got, send(b, 0, v))
	}
	require.Equal(t, []int{0, 2, 0, 1, 2, balance.Full, balance.Full}, got)
	v.Depth[0], v.Depth[2] = 1, 1
	require.Equal(t, []int{0, 2, balance.Full}, []int{send(b, 0, v), send(b, 0, v), send(b, 0, v)}, "refusals took nobody's turn")
}

// Whatever comes and goes: what is outstanding at a worker is never more than k, the pick is the shallowest, and Full
// means that nobody has room.
func TestJBSQProperty(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 42))
	for range 300 {
		n, k := 1+rng.IntN(70), 1+rng.IntN(4)
		v := balance.NewView(n)
		b := make1(t, balance.JBSQ(k), v)
		for range 300 {
			if rng.IntN(50) == 0 {
				v.SetOpen(rng.IntN(n), rng.IntN(2) == 0)
				v.SetOpen(rng.IntN(n), true)
				require.NoError(t, b.Update(v))
			}
			least := ^uint64(0)
			for _, w := range v.AppendOpen(nil) {
				least = min(least, v.Depth[w])
			}
			i := b.Pick(rng.Uint64(), v)
			if i == balance.Full {
				require.GreaterOrEqual(t, least, uint64(k))
			} else {
				require.True(t, v.IsOpen(i))
				require.Equal(t, least, v.Depth[i])
				v.Sent[i]++
				v.Depth[i]++
				require.LessOrEqual(t, v.Sent[i]-v.Taken[i], uint64(k))
			}
			if j := rng.IntN(n); v.Sent[j] > v.Taken[j] && rng.IntN(3) > 0 {
				v.Taken[j]++
				v.Depth[j]--
			}
		}
	}
}

func TestJBSQRefusesNonsense(t *testing.T) {
	for _, k := range []int{0, -1, -1 << 31} {
		_, err := balance.JBSQ(k)(balance.NewView(2))
		require.ErrorContains(t, err, fmt.Sprintf("JBSQ of %d items", k))
		require.ErrorContains(t, err, "at least 1")
	}
}
