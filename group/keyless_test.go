package group_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// Policies without keys on live workers: everything arrives, once, and everybody gets some.
func TestKeylessPolicies(t *testing.T) {
	for _, c := range []struct {
		name   string
		policy balance.Policy
	}{
		{"SmoothWeighted", balance.SmoothWeighted()},
		{"Random", balance.Random(0)},
		{"PowerOfTwo", balance.PowerOfTwo(0)},
		{"PowerOf3", balance.PowerOf(3, 0)},
		{"LeastLoaded", balance.LeastLoaded()},
		{"JoinIdle", balance.JoinIdle(balance.Random(0))},
		{"JBSQ", balance.JBSQ(2)},
		{"Fallback", balance.Fallback(balance.BoundedDepth(2, balance.RoundRobin()), balance.PowerOfTwo(0))},
		{"Traced", balance.Traced(balance.NewTrace(4, 100), balance.LeastLoaded())},
	} {
		t.Run(c.name, func(t *testing.T) {
			const workers, producers, items = 4, 2, 2000
			var got collector[int]
			g := startGroup(t, group.Config[int]{Workers: workers, Worker: got.worker(workers), Balance: c.policy, OnFull: group.Block(context.Background())})
			var wg sync.WaitGroup
			for id := range producers {
				p := producer(t, g)
				wg.Go(func() {
					var batch []int
					for i := range items {
						v := id*items + i
						if i < items/2 {
							if err := p.Send(v); err != nil {
								t.Error(err)
							}
						} else if batch = append(batch, v); len(batch) == 40 {
							if rest, err := p.SendBatch(batch); err != nil || len(rest) > 0 {
								t.Error(rest, err)
							}
							batch = batch[:0]
						}
					}
				})
			}
			wg.Wait()
			require.Empty(t, drain(t, g))
			seen := map[int]bool{}
			for _, vs := range got.got {
				require.NotEmpty(t, vs)
				for _, v := range vs {
					require.False(t, seen[v], "%d came twice", v)
					seen[v] = true
				}
			}
			require.Len(t, seen, producers*items)
			require.EqualValues(t, producers*items, balanced(t, g).Executed)
		})
	}
}

// One producer with JBSQ is the central queue: no worker ever has more than k of its items, those that it is at
// included.
func TestJBSQLeavesTheRestWithTheSender(t *testing.T) {
	const workers, k, items = 3, 2, 3000
	ran, deepest := make([]int, workers), make([]int, workers)
	g := newGroup(t, group.Config[int]{Workers: workers, Balance: balance.JBSQ(k), Worker: func(_ *exec.Local, id int) (group.Handler[int], error) {
		return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
			deepest[id] = max(deepest[id], len(batch))
			ran[id]++
			return 1 // one by one
		}), nil
	}})
	p := producer(t, g)
	queue := make([]int, items)
	for i := range queue {
		queue[i] = i
	}
	rest, err := p.SendBatch(queue)
	require.ErrorIs(t, err, group.ErrFull)
	require.Len(t, rest, items-workers*k, "nobody has begun")
	require.Equal(t, workers*k, rest[0], "the rest is in order")

	require.NoError(t, g.Start())
	t.Cleanup(func() { g.Stop(); require.NoError(t, g.Wait()) })
	eventually(t, func() bool {
		if len(rest) > 0 {
			rest, err = p.SendBatch(rest)
		}
		return len(rest) == 0
	})
	require.NoError(t, err)
	require.Empty(t, drain(t, g))
	require.Equal(t, items, ran[0]+ran[1]+ran[2])
	require.LessOrEqual(t, slices.Max(deepest), k)
}

// The trace of a live producer tells where each item went.
func TestTracedProducer(t *testing.T) {
	const workers, items = 3, 300
	var got collector[int]
	trace := balance.NewTrace(8, 2*items)
	g := startGroup(t, group.Config[int]{Workers: workers, Worker: got.worker(workers), Balance: balance.Traced(trace, balance.PowerOfTwo(0)), OnFull: group.Block(context.Background())})
	p := producer(t, g)
	for i := range items {
		require.NoError(t, p.SendKey(uint64(i), i))
	}
	require.Empty(t, drain(t, g))
	noted := make([][]int, workers)
	for _, d := range trace.Snapshot() {
		require.Len(t, d.Depth, workers)
		noted[d.Pick] = append(noted[d.Pick], int(d.Key))
	}
	require.Equal(t, got.got, noted)
}
