package balance_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pushcore/pushcore/balance"
	"github.com/stretchr/testify/require"
)

func rebalancer(t *testing.T, table *balance.Indirection, cfg balance.RebalancerConfig) *balance.Rebalancer {
	t.Helper()
	r, err := balance.NewRebalancer(table, cfg)
	require.NoError(t, err)
	return r
}

func plan(t *testing.T, r *balance.Rebalancer, v *balance.View) []balance.Move {
	t.Helper()
	moves, err := r.Plan(v)
	require.NoError(t, err)
	return moves
}

// give picks each bucket as often as loads says, in units of 64, which is what a balancer adds to the table at a time.
// Whatever is sent is taken at once. It returns the load of each worker.
func give(b balance.Balancer, v *balance.View, loads []int) []float64 {
	got := make([]float64, v.N())
	for bucket, load := range loads {
		for range 64 * load {
			w := b.Pick(uint64(bucket), v)
			got[w]++
			v.Sent[w]++
			v.Taken[w]++
		}
	}
	return got
}

// imbalance is the greatest load for its weight, compared with the average.
func imbalance(loads []float64, v *balance.View) float64 {
	total, weights, most := 0.0, 0.0, 0.0
	for i, l := range loads {
		total += l
		if v.IsOpen(i) {
			weights += float64(v.Weight[i])
		}
		most = max(most, l/float64(v.Weight[i]))
	}
	return most * weights / total
}

func TestRebalancerRefusesNonsense(t *testing.T) {
	table := indirection(8)
	for want, cfg := range map[string]balance.RebalancerConfig{
		"threshold -0.1": {Threshold: -0.1}, "threshold NaN": {Threshold: math.NaN()}, "threshold +Inf": {Threshold: math.Inf(1)},
		"at most -1 moves": {MaxMoves: -1}, "every -1s": {Every: -time.Second},
	} {
		_, err := balance.NewRebalancer(table, cfg)
		require.ErrorContains(t, err, want)
	}
	for _, table := range []*balance.Indirection{nil, {}} {
		_, err := balance.NewRebalancer(table, balance.RebalancerConfig{})
		require.ErrorContains(t, err, "want one from NewIndirection")
	}
	r := rebalancer(t, table, balance.RebalancerConfig{})
	none := balance.NewView(2)
	clear(none.Weight)
	_, err := r.Plan(none)
	require.ErrorContains(t, err, "weight 0")
	_, err = r.Plan(balance.NewView(0))
	require.ErrorIs(t, err, balance.ErrNoWorker)
	require.ErrorContains(t, r.Apply([]balance.Move{{Bucket: 8, From: 0, To: 1}}), "no bucket 8")
	require.Empty(t, plan(t, r, balance.NewView(2)), "no load, nothing to do")
}

// Two workers, one with three quarters of the load: the bucket that fills the gap best is moved, and then it is quiet.
func TestRebalancerMovesWhatHelpsMost(t *testing.T) {
	table, v := indirection(8), balance.NewView(2)
	b, r := make1(t, balance.RSS(table), v), rebalancer(t, table, balance.RebalancerConfig{})
	loads := []int{5, 20, 20, 0, 30, 0, 5, 0} // those with even numbers are worker 0's
	require.Equal(t, []float64{60 * 64, 20 * 64}, give(b, v, loads))
	moves := plan(t, r, v)
	require.Equal(t, []balance.Move{{Bucket: 2, From: 0, To: 1}}, moves)
	require.Equal(t, balance.Full, table.Assigned(2), "a plan changes nothing")
	require.NoError(t, r.Apply(moves))
	require.Equal(t, []float64{40 * 64, 40 * 64}, give(b, v, loads))
	require.Empty(t, plan(t, r, v))
	give(b, v, []int{0, 31, 10, 0, 0, 0, 0, 0})
	require.Equal(t, []balance.Move{{Bucket: 1, From: 1, To: 0}}, plan(t, r, v), "only what is new counts")
}

// What is within the threshold stays.
func TestRebalancerThreshold(t *testing.T) {
	for threshold, want := range map[float64]int{0: 0, 0.09: 0, 0.07: 1} {
		table, v := indirection(4), balance.NewView(2)
		b, r := make1(t, balance.RSS(table), v), rebalancer(t, table, balance.RebalancerConfig{Threshold: threshold})
		give(b, v, []int{100, 92, 8, 0}) // 108 to 92
		require.Len(t, plan(t, r, v), want, "threshold %v", threshold)
	}
}

// One bucket with most of the load cannot be divided, but everything else can go elsewhere.
func TestRebalancerLeavesAnElephantAlone(t *testing.T) {
	table, v := indirection(4), balance.NewView(2)
	b, r := make1(t, balance.RSS(table), v), rebalancer(t, table, balance.RebalancerConfig{})
	give(b, v, []int{90, 1, 5, 1})
	require.Equal(t, []balance.Move{{Bucket: 2, From: 0, To: 1}}, plan(t, r, v))
	require.NoError(t, table.Assign(2, 1))
	give(b, v, []int{90, 1, 5, 1})
	require.Empty(t, plan(t, r, v), "to and fro would help nobody")
}

// An elephant among mice, with nearly as much beside it as the other worker has: to move it would only change who has
// too much.
func TestRebalancerDoesNotTradeElephants(t *testing.T) {
	table, v := indirection(16), balance.NewView(2)
	b, r := make1(t, balance.RSS(table), v), rebalancer(t, table, balance.RebalancerConfig{})
	loads := []int{50, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1} // worker 0: 50 and 8 more; worker 1: 8
	for range 4 {
		give(b, v, loads)
		moves := plan(t, r, v)
		for _, m := range moves {
			require.NotZero(t, m.Bucket, "the elephant moves")
		}
		require.NoError(t, r.Apply(moves))
	}
	got := give(b, v, loads)
	require.EqualValues(t, 50*64, got[0], "the mice have made room")
}

// A worker that cannot be helped does not keep others from it: 0 has one great bucket, 1 has several.
func TestRebalancerGoesOnToTheNext(t *testing.T) {
	table, v := indirection(8), balance.NewView(3)
	for bucket, w := range []int{0, 1, 1, 1, 2, 2, 2, 2} {
		require.NoError(t, table.Assign(bucket, w))
	}
	b, r := make1(t, balance.RSS(table), v), rebalancer(t, table, balance.RebalancerConfig{})
	give(b, v, []int{50, 15, 15, 15, 1, 1, 1, 1})
	moves := plan(t, r, v)
	require.Len(t, moves, 1)
	require.Equal(t, 1, moves[0].From)
	require.Equal(t, 2, moves[0].To)
}

func TestRebalancerEvery(t *testing.T) {
	table, v := indirection(4), balance.NewView(2)
	v.Now = -7_000_000_000 // any origin
	b, r := make1(t, balance.RSS(table), v), rebalancer(t, table, balance.RebalancerConfig{Every: time.Second})
	loads := []int{40, 10, 20, 10}
	give(b, v, loads)
	require.Len(t, plan(t, r, v), 1, "the first at once")
	give(b, v, loads)
	v.Now += 999_999_999
	require.Empty(t, plan(t, r, v), "too early")
	v.Now++
	require.Len(t, plan(t, r, v), 1, "and what came meanwhile was not forgotten")
}

// For any loads, weights and membership: few moves a round, only from who has too much to who may have more, and in
// some rounds the imbalance is below the threshold, or as low as the largest bucket lets it be.
func TestRebalancerEvensOut(t *testing.T) {
	rng := rand.New(rand.NewPCG(71, 72))
	for range 60 {
		n, size, maxMoves := 2+rng.IntN(7), 64<<rng.IntN(2), 1+rng.IntN(8)
		const threshold = 0.1
		table, v := indirection(size), balance.NewView(n)
		if rng.IntN(2) == 0 {
			for i := range v.Weight {
				v.Weight[i] = 1 + rng.Uint32N(4)
			}
		}
		if rng.IntN(2) == 0 {
			v.SetOpen(rng.IntN(n), false)
		}
		b := make1(t, balance.RSS(table), v)
		r := rebalancer(t, table, balance.RebalancerConfig{Threshold: threshold, MaxMoves: maxMoves})
		loads, largest, total := make([]int, size), 0, 0
		for i := range loads { // Zipf-like
			loads[i] = 60 / (1 + rng.IntN(size))
			largest, total = max(largest, loads[i]), total+loads[i]
		}
		before := imbalance(give(b, v, loads), v)
		for round := 0; ; round++ {
			require.Less(t, round, 40, "it ends")
			moves := plan(t, r, v)
			if len(moves) == 0 {
				break
			}
			require.LessOrEqual(t, len(moves), maxMoves)
			seen := map[int]bool{}
			for _, m := range moves {
				require.False(t, seen[m.Bucket], "once a round")
				seen[m.Bucket] = true
				require.Equal(t, m.From, b.Pick(uint64(m.Bucket), v))
				require.NotEqual(t, m.From, m.To)
				require.True(t, v.IsOpen(m.To))
			}
			require.NoError(t, r.Apply(moves))
			after := imbalance(give(b, v, loads), v)
			require.Less(t, after, before+1e-9, "each round helps")
			before = after
		}
		// Nobody has more than the threshold allows by more than what one bucket makes on the slightest worker.
		least := uint32(math.MaxUint32)
		weights := 0.0
		for i, w := range v.Weight {
			if v.IsOpen(i) {
				least, weights = min(least, w), weights+float64(w)
			}
		}
		require.LessOrEqual(t, before, 1+threshold+float64(largest)/float64(total)*weights/float64(least), "loads %v, weights %v", loads, v.Weight)
	}
}

// A worker that came gets its share; one of weight 0 loses what it has, and one that closes, too.
func TestRebalancerFollowsMembership(t *testing.T) {
	const n, size = 4, 128
	table, v := indirection(size), balance.NewView(n)
	for i := range size {
		require.NoError(t, table.Assign(i, i%(n-1))) // worker 3 is new
	}
	b := make1(t, balance.RSS(table), v)
	r := rebalancer(t, table, balance.RebalancerConfig{MaxMoves: 16})
	loads := make([]int, size)
	for i := range loads {
		loads[i] = 1 + i%3
	}
	settle := func() []float64 {
		require.NoError(t, b.Update(v))
		for range 20 {
			give(b, v, loads)
			require.NoError(t, r.Apply(plan(t, r, v)))
		}
		return give(b, v, loads)
	}
	require.Less(t, imbalance(settle(), v), 1.11)
	v.Weight[1] = 0
	got := settle()
	require.Zero(t, got[1])
	v.Weight[1] = 2
	require.Less(t, imbalance(settle(), v), 1.11)
	v.SetOpen(0, false)
	got = settle()
	require.Zero(t, got[0])
	require.Less(t, imbalance(got, v), 1.11)
}
