package balance_test

import (
	"math/rand/v2"
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/stretchr/testify/require"
)

func TestBucketsRefuseNonsense(t *testing.T) {
	v := balance.NewView(2)
	for _, n := range []int{0, -1, -1 << 63, 3, 100, 1 << 25} {
		for name, p := range map[string]balance.Policy{
			"StickyInFlight": balance.StickyInFlight(n, balance.KeyHash()),
			"Flowlet":        balance.Flowlet(n, 1, balance.KeyHash()),
			"StickySpill":    balance.StickySpill(n, 2, 1, balance.KeyHash()),
		} {
			b, err := p(v)
			require.Nil(t, b)
			require.ErrorContains(t, err, "balance: "+name+" with")
			require.ErrorContains(t, err, "power of two from 1 to 16777216")
		}
	}
	_, err := balance.StickyInFlight(100, balance.KeyHash())(v)
	require.ErrorContains(t, err, "with 100 buckets", "the error names the value")
	neither := func(*balance.View) (balance.Balancer, error) { return nil, nil }
	for _, p := range []balance.Policy{
		balance.StickyInFlight(1, nil), balance.Flowlet(1, 1, nil), balance.StickySpill(1, 1, 1, nil),
	} {
		_, err := p(v)
		require.ErrorContains(t, err, "no next policy")
	}
	for _, p := range []balance.Policy{
		balance.StickyInFlight(1, neither), balance.Flowlet(1, 1, neither), balance.StickySpill(1, 1, 1, neither),
	} {
		_, err := p(v)
		require.ErrorContains(t, err, "neither")
	}
}

// all lets the workers take all that was sent.
func all(v *balance.View) {
	copy(v.Taken, v.Sent)
	clear(v.Depth)
}

func TestStickyMovesWhenNothingIsInFlight(t *testing.T) {
	v := balance.NewView(3)
	b := make1(t, balance.StickyInFlight(1024, balance.RoundRobin()), v)
	require.True(t, b.Ordered())
	require.True(t, balance.IsSticky(b))
	require.Equal(t, balance.ReadsTaken, balance.ReadsOf(b))
	require.Equal(t, balance.ReadsTaken|balance.ReadsDepth, balance.ReadsOf(make1(t, balance.StickyInFlight(1, balance.LeastLoaded()), v)))

	require.Equal(t, 0, send(b, 7, v))
	require.Equal(t, 0, send(b, 7, v))
	require.Equal(t, 1, send(b, 8, v), "another key asks next")
	v.Taken[0] = 1
	require.Equal(t, 0, send(b, 7, v), "one of two was taken")
	v.Taken[0] = 2
	require.Equal(t, 0, send(b, 7, v), "two of three were")
	all(v)
	require.Equal(t, 2, send(b, 7, v), "all were: next's turn")
}

// What was sent after the last item of a key does not hold it.
func TestStickyLooksAtItsOwnItems(t *testing.T) {
	v := balance.NewView(2)
	b := make1(t, balance.StickyInFlight(1024, balance.RoundRobin()), v)
	require.Equal(t, 0, send(b, 1, v))
	require.Equal(t, 1, send(b, 2, v))
	require.Equal(t, 0, send(b, 3, v))
	require.Equal(t, 1, send(b, 4, v))
	v.Taken[0] = 1 // key 1's, not key 3's
	require.Equal(t, 0, send(b, 3, v))
	require.Equal(t, 0, send(b, 1, v), "next's turn: it happens to be worker 0's")
	require.Equal(t, 1, send(b, 5, v))
	v.Taken[1] = 1
	require.Equal(t, 1, send(b, 4, v), "2 was taken, not 4")
	require.Equal(t, 0, send(b, 2, v), "so 2 may move")
}

// A pick that was refused by a full lane is waited for by nobody.
func TestStickyForgetsRefusedPicks(t *testing.T) {
	v := balance.NewView(2)
	b := make1(t, balance.StickyInFlight(1024, balance.RoundRobin()), v)
	require.Equal(t, 0, send(b, 1, v))
	require.Equal(t, 0, b.Pick(1, v), "refused: not counted")
	v.Taken[0] = 1
	require.Equal(t, 1, b.Pick(1, v), "all that was sent has been taken")
	require.Equal(t, 0, b.Pick(1, v), "that was refused, too")
}

func TestStickyWaitsForAClosedWorker(t *testing.T) {
	v := balance.NewView(3)
	b := make1(t, balance.StickyInFlight(1024, balance.KeyHash()), v)
	home := send(b, 42, v)
	send(b, 42, v)
	v.SetOpen(home, false)
	require.NoError(t, b.Update(v))
	require.Equal(t, balance.Full, send(b, 42, v))
	v.Taken[home] = 1
	require.Equal(t, balance.Full, send(b, 42, v))
	v.Taken[home] = 2
	to := send(b, 42, v)
	require.NotEqual(t, home, to)
	require.True(t, v.IsOpen(to))
	v.SetOpen(home, true)
	require.NoError(t, b.Update(v))
	require.Equal(t, to, send(b, 42, v), "and now it is in flight there, wherever KeyHash would have it")
	all(v)
	require.Equal(t, home, send(b, 42, v))
}

// A worker that left the View was done with its items; a new one of the same index is another.
func TestStickyWhenIndicesComeAndGo(t *testing.T) {
	v := balance.NewView(4)
	b := make1(t, balance.StickyInFlight(1024, balance.RoundRobin()), v)
	for want := range 4 {
		require.Equal(t, want, send(b, uint64(want), v))
	}
	all(v)
	fewer := balance.NewView(2)
	require.NoError(t, b.Update(fewer))
	require.Equal(t, 0, send(b, 3, fewer), "key 3 was at worker 3")
	more := balance.NewView(5)
	copy(more.Sent, []uint64{1, 0, 100, 100, 100}) // others' work, not taken
	require.NoError(t, b.Update(more))
	require.Equal(t, 1, send(b, 2, more), "key 2 was at the old worker 2")
	require.Equal(t, 0, send(b, 3, more), "in flight")
}

// Keys of one bucket are one key.
func TestStickyBuckets(t *testing.T) {
	v := balance.NewView(4)
	b := make1(t, balance.StickyInFlight(1, balance.RoundRobin()), v)
	for key := range uint64(50) {
		require.Equal(t, 0, send(b, key, v))
	}
	all(v)
	require.Equal(t, 1, send(b, 99, v))

	v = balance.NewView(64)
	b = make1(t, balance.StickyInFlight(1<<16, balance.RoundRobin()), v)
	used := map[int]int{}
	for key := range uint64(64) {
		used[send(b, key<<32, v)]++
	}
	require.Greater(t, len(used), 60, "few of 64 keys share one of 65536 buckets")
}

// A random history against the plain truth: which items wait where, by key.
func TestStickyAgainstTruth(t *testing.T) {
	type item struct{ key uint64 }
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 3))
		n := 1 + rng.IntN(6)
		v := balance.NewView(n)
		next := []balance.Policy{balance.RoundRobin(), balance.LeastLoaded(), balance.KeyHash()}[seed%3]
		b := make1(t, balance.StickyInFlight(256, next), v)
		lanes := make([][]item, n)
		moved, last := 0, map[uint64]int{}
		for range 5000 {
			switch rng.IntN(8) {
			case 0: // a worker takes some
				w := rng.IntN(n)
				k := rng.IntN(len(lanes[w]) + 1)
				lanes[w] = lanes[w][k:]
			case 1: // a look at the workers
				for w := range n {
					v.Taken[w] = v.Sent[w] - uint64(len(lanes[w]))
					v.Depth[w] = uint64(len(lanes[w]))
				}
			case 2:
				if rng.IntN(10) == 0 {
					for w := range n {
						v.SetOpen(w, rng.IntN(3) > 0)
					}
					v.SetOpen(rng.IntN(n), true)
					require.NoError(t, b.Update(v))
				}
			default:
				key := rng.Uint64N(12)
				to := b.Pick(key, v)
				if to == balance.Full {
					continue
				}
				require.True(t, v.IsOpen(to))
				for w := range lanes {
					for _, it := range lanes[w] {
						require.False(t, it.key == key && w != to, "key %d at workers %d and %d", key, w, to)
					}
				}
				if len(lanes[to]) == 16 { // a full lane refuses
					continue
				}
				if was, ok := last[key]; ok && was != to {
					moved++
				}
				last[key] = to
				lanes[to] = append(lanes[to], item{key})
				v.Sent[to]++
				v.Depth[to]++
			}
		}
		if n > 1 {
			require.Positive(t, moved, "keys do move")
		}
	}
}
