package balance_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/stretchr/testify/require"
)

func TestBoundedDepthRefusesNonsense(t *testing.T) {
	v := balance.NewView(2)
	for _, limit := range []int{0, -1, -1 << 31} {
		_, err := balance.BoundedDepth(limit, balance.RoundRobin())(v)
		require.ErrorContains(t, err, "at least 1")
	}
	_, err := balance.BoundedDepth(-7, balance.RoundRobin())(v)
	require.ErrorContains(t, err, "-7", "the error names the value")
	_, err = balance.BoundedDepth(1, nil)(v)
	require.ErrorContains(t, err, "no next policy")
	_, err = balance.BoundedDepth(1, func(*balance.View) (balance.Balancer, error) { return nil, nil })(v)
	require.ErrorContains(t, err, "neither")
	mine := errors.New("mine")
	_, err = balance.BoundedDepth(1, func(*balance.View) (balance.Balancer, error) { return nil, mine })(v)
	require.ErrorIs(t, err, mine)
}

// send picks and counts the pick, as a group does within a batch.
func send(b balance.Balancer, key uint64, v *balance.View) int {
	i := b.Pick(key, v)
	if i != balance.Full {
		v.Sent[i]++
		v.Depth[i]++
	}
	return i
}

func TestBoundedDepthRoundRobin(t *testing.T) {
	v := balance.NewView(3)
	b := make1(t, balance.BoundedDepth(2, balance.RoundRobin()), v)
	require.False(t, b.Ordered())
	v.Depth[1] = 2
	var got []int
	for range 6 {
		got = append(got, send(b, 0, v))
	}
	require.Equal(t, []int{0, 2, 0, 2, balance.Full, balance.Full}, got)
	v.Depth[0], v.Depth[1], v.Depth[2] = 1, 1, 1
	require.Equal(t, []int{0, 1, 2}, []int{send(b, 0, v), send(b, 0, v), send(b, 0, v)}, "refusals left the rotation alone")
}

// An unordered next has several chances before the scan, after an Update as before: it may know better which worker to
// take.
func TestBoundedDepthAsksAgain(t *testing.T) {
	v := balance.NewView(4)
	v.Depth[0] = 1
	turn := 0
	b := make1(t, balance.BoundedDepth(1, func(*balance.View) (balance.Balancer, error) {
		return wavering{&turn}, nil
	}), v)
	require.Equal(t, 3, b.Pick(0, v), "next's second pick, where a scan would find 1")
	require.NoError(t, b.Update(v))
	require.Equal(t, 3, b.Pick(0, v))
}

// wavering picks 0 and 3 in turn.
type wavering struct{ turn *int }

func (w wavering) Pick(uint64, *balance.View) int { *w.turn++; return (*w.turn + 1) % 2 * 3 }
func (w wavering) Update(*balance.View) error     { return nil }
func (w wavering) Ordered() bool                  { return false }

// An unordered next that clings to one worker does not stand in the way of the others.
func TestBoundedDepthScans(t *testing.T) {
	v := balance.NewView(70)
	b := make1(t, balance.BoundedDepth(1, fixed(5)), v)
	v.SetOpen(6, false)
	require.NoError(t, b.Update(v))
	require.Equal(t, 5, send(b, 0, v))
	require.Equal(t, 7, send(b, 0, v), "the first open one after next's pick")
	for i := 8; i < 70; i++ {
		require.Equal(t, i, send(b, 0, v))
	}
	for i := range 5 {
		require.Equal(t, i, send(b, 0, v), "the scan wraps")
	}
	require.Equal(t, balance.Full, send(b, 0, v))
}

func TestBoundedDepthKeepsKeysAtHome(t *testing.T) {
	v := balance.NewView(4)
	b := make1(t, balance.BoundedDepth(3, balance.KeyHash()), v)
	require.True(t, b.Ordered())
	home := send(b, 42, v)
	require.Equal(t, home, send(b, 42, v))
	require.Equal(t, home, send(b, 42, v))
	require.Equal(t, balance.Full, send(b, 42, v), "elsewhere there is room, but the key may not go there")
	v.Depth[home]--
	require.Equal(t, home, send(b, 42, v))
}

// Full and picks that no view has are next's, and go through: the group names them.
func TestBoundedDepthPassesOn(t *testing.T) {
	v := balance.NewView(2)
	for _, pick := range []int{balance.Full, -2, 2, math.MaxInt} {
		b := make1(t, balance.BoundedDepth(1, fixed(pick)), v)
		require.Equal(t, pick, b.Pick(0, v))
		v.Depth[0], v.Depth[1] = 9, 9
		require.Equal(t, pick, b.Pick(0, v))
	}
}

// For any depths: never a worker at the limit; Full only if all are (unordered) or the key's own is (ordered).
func TestBoundedDepthProperty(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for range 3000 {
		n, limit := 1+rng.IntN(70), 1+rng.IntN(4)
		v := balance.NewView(n)
		for i := range n {
			v.Depth[i] = uint64(limit - 1 + rng.IntN(3))
			v.SetOpen(i, rng.IntN(3) > 0)
		}
		v.SetOpen(rng.IntN(n), true)
		below := 0
		for _, w := range v.AppendOpen(nil) {
			if v.Depth[w] < uint64(limit) {
				below++
			}
		}
		for _, next := range []balance.Policy{balance.RoundRobin(), balance.KeyHash(), fixed(v.AppendOpen(nil)[0])} {
			b := make1(t, balance.BoundedDepth(limit, next), v)
			key := rng.Uint64()
			i := b.Pick(key, v)
			switch home := make1(t, next, v).Pick(key, v); {
			case i != balance.Full:
				require.True(t, v.IsOpen(i))
				require.Less(t, v.Depth[i], uint64(limit))
			case b.Ordered():
				require.GreaterOrEqual(t, v.Depth[home], uint64(limit))
			default:
				require.Zero(t, below)
			}
		}
	}
}

// fixed is a policy that is not ordered and always picks i.
func fixed(i int) balance.Policy {
	return func(*balance.View) (balance.Balancer, error) { return clinging(i), nil }
}

type clinging int

func (c clinging) Pick(uint64, *balance.View) int { return int(c) }
func (c clinging) Update(*balance.View) error     { return nil }
func (c clinging) Ordered() bool                  { return false }
