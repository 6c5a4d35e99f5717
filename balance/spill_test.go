package balance_test

import (
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/stretchr/testify/require"
)

func TestSpill(t *testing.T) {
	v := balance.NewView(8)
	b := make1(t, balance.StickySpill(1024, 10, 4, balance.KeyHash()), v)
	require.False(t, b.Ordered(), "it breaks the order of a key")
	require.Equal(t, balance.ReadsDepth, balance.ReadsOf(b))
	pick := func() int { return b.Pick(42, v) }
	home := pick()
	require.Equal(t, make1(t, balance.KeyHash(), v).Pick(42, v), home)

	v.Depth[home] = 10
	require.Equal(t, home, pick(), "not above high")
	v.Depth[home] = 11
	to := pick()
	require.NotEqual(t, home, to)
	require.Equal(t, to, pick(), "it stays there")
	v.Depth[to] = 10
	require.Equal(t, to, pick())
	for _, d := range []uint64{10, 4} {
		v.Depth[home] = d
		require.Equal(t, to, pick(), "until its owner is below low, not at %d", d)
	}
	v.Depth[home] = 3
	require.Equal(t, home, pick())
	v.Depth[home] = 10
	require.Equal(t, home, pick(), "back for good")
}

// The second choice is taken when the first is deep, and nothing spills where it is deeper.
func TestSpillChoosesTheShallower(t *testing.T) {
	v := balance.NewView(8)
	b := make1(t, balance.StickySpill(1<<16, 10, 4, balance.KeyHash()), v)
	alone := 0
	for key := range uint64(200) {
		clear(v.Depth)
		home := b.Pick(key, v)
		v.Depth[home] = 50
		one := b.Pick(key, v)
		require.NotEqual(t, home, one)
		v.Depth[one] = 40
		two := b.Pick(key, v)
		if two == one { // the other choice is the owner
			alone++
		} else {
			v.Depth[two] = 45
			require.Equal(t, one, b.Pick(key, v), "40 is shallower than 45")
			v.Depth[one] = 60
			require.Equal(t, two, b.Pick(key, v))
		}
		v.Depth[one], v.Depth[two] = 60, 60
		require.Equal(t, home, b.Pick(key, v), "no better elsewhere")
	}
	require.Less(t, alone, 100, "the choices have nothing to do with the owner, which is one of them for 2 in 8 keys")
}

// Every producer has the same choices for a key: three workers see it at most.
func TestSpillKeepsAKeyAtThreeWorkers(t *testing.T) {
	v := balance.NewView(16)
	for key := range uint64(100) {
		seen := map[int]bool{}
		for p := range 4 {
			b := make1(t, balance.StickySpill(64, 4, 2, balance.KeyHash()), v)
			for i := range 300 {
				for w := range v.Depth {
					v.Depth[w] = balance.Mix(uint64(p*300+i)<<8+uint64(w)) % 12
				}
				seen[b.Pick(key, v)] = true
			}
		}
		require.LessOrEqual(t, len(seen), 3, "key %d", key)
		require.Greater(t, len(seen), 1, "key %d", key)
	}
}

// Where keys spill has nothing to do with where they are at home.
func TestSpillSpreads(t *testing.T) {
	const n = 9
	v := balance.NewView(n)
	b := make1(t, balance.StickySpill(1<<20, 10, 4, balance.KeyHash()), v)
	home := make1(t, balance.KeyHash(), v)
	v.Depth[3] = 100
	got := make([]int, n)
	for key, found := uint64(0), 0; found < 8000; key++ {
		if home.Pick(key, v) == 3 {
			got[b.Pick(key, v)]++
			found++
		}
	}
	require.Zero(t, got[3], "two different choices: one is not the owner")
	requireEven(t, append(got[:3:3], got[4:]...), "spilled keys")
}

func TestSpillLeavesAClosedWorker(t *testing.T) {
	v := balance.NewView(4)
	b := make1(t, balance.StickySpill(64, 4, 2, balance.KeyHash()), v)
	home := b.Pick(1, v)
	v.Depth[home] = 9
	to := b.Pick(1, v)
	require.NotEqual(t, home, to)
	v.SetOpen(to, false)
	require.NoError(t, b.Update(v))
	for range 3 {
		i := b.Pick(1, v)
		require.True(t, v.IsOpen(i))
	}
	for i := range 4 { // one left: nowhere to spill
		v.SetOpen(i, i == home)
	}
	require.NoError(t, b.Update(v))
	require.Equal(t, home, b.Pick(1, v))
}

func TestSpillRefusesNonsense(t *testing.T) {
	v := balance.NewView(2)
	for _, bad := range [][2]int{{0, 0}, {5, 0}, {5, -1}, {4, 5}, {-1, -2}} {
		_, err := balance.StickySpill(8, bad[0], bad[1], balance.KeyHash())(v)
		require.ErrorContains(t, err, "1 <= low <= high")
	}
	_, err := balance.StickySpill(8, 4, 5, balance.KeyHash())(v)
	require.ErrorContains(t, err, "above 4 items and back below 5")
	_, err = balance.StickySpill(8, 4, 2, balance.RoundRobin())(v)
	require.ErrorContains(t, err, "not ordered")
	// The owner may refuse, and what it says that is out of range is the group's to report.
	b := make1(t, balance.StickySpill(8, 4, 2, balance.BoundedDepth(1, balance.KeyHash())), v)
	v.Depth[0], v.Depth[1] = 1, 1
	require.Equal(t, balance.Full, b.Pick(1, v))
}
