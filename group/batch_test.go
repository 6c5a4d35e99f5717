package group_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

func TestFullIsReportedAndNothingIsLost(t *testing.T) {
	var c collector[int]
	g := newGroup(t, group.Config[int]{Workers: 2, Worker: c.worker(2), Depth: 3})
	p := producer(t, g)
	for i := range 6 {
		require.NoError(t, p.Send(i))
	}
	require.ErrorIs(t, p.Send(6), group.ErrFull)
	rest, err := p.SendBatch([]int{7, 8})
	require.ErrorIs(t, err, group.ErrFull)
	require.Equal(t, []int{7, 8}, rest)
	require.NoError(t, g.Start())
	require.Empty(t, drain(t, g))
	require.Equal(t, [][]int{{0, 2, 4}, {1, 3, 5}}, c.got)
	require.ErrorIs(t, p.Send(9), group.ErrClosed)
	rest, err = p.SendBatch([]int{9})
	require.ErrorIs(t, err, group.ErrClosed)
	require.Equal(t, []int{9}, rest)
	balanced(t, g)
}

func TestSendBatchReturnsTheRestInOrder(t *testing.T) {
	var c collector[int]
	g := newGroup(t, group.Config[int]{Workers: 2, Worker: c.worker(2), Depth: 4, Balance: balance.KeyHash()})
	p := producer(t, g)
	byKey := func(want int) (keys []uint64) {
		for k := uint64(0); len(keys) < 1; k++ {
			b, _ := balance.KeyHash()(balance.NewView(2))
			if b.Pick(k, balance.NewView(2)) == want {
				keys = append(keys, k)
			}
		}
		return keys
	}
	for range 4 {
		require.NoError(t, p.SendKey(byKey(0)[0], 100))
	}
	require.ErrorIs(t, p.SendKey(byKey(0)[0], 100), group.ErrFull)
	require.NoError(t, p.SendKey(byKey(1)[0], 200))
	require.NoError(t, p.SendTo(1, 201))
	require.ErrorIs(t, p.SendTo(2, 0), group.ErrWorker)

	h := newGroup(t, group.Config[int]{Workers: 2, Worker: c.worker(2), Depth: 2})
	q := producer(t, h)
	vs := []int{0, 1, 2, 3, 4, 5, 6, 7}
	rest, err := q.SendBatch(vs)
	require.ErrorIs(t, err, group.ErrFull)
	require.Equal(t, []int{4, 5, 6, 7}, rest)
	undone := drain(t, h)
	require.ElementsMatch(t, []int{0, 1, 2, 3}, undone)
	require.ElementsMatch(t, []int{100, 100, 100, 100, 200, 201}, drain(t, g))
	balanced(t, g)
	balanced(t, h)
}

func TestStagedItemsWaitForFlush(t *testing.T) {
	var c collector[int]
	g := newGroup(t, group.Config[int]{Worker: c.worker(1), Depth: 8, Exec: exec.Config{}})
	p := producer(t, g)
	require.NoError(t, p.Stage(1))
	require.NoError(t, p.Stage(2))
	require.Zero(t, g.Stats().Accepted)
	rest, err := p.Flush()
	require.NoError(t, err)
	require.Empty(t, rest)
	require.EqualValues(t, 2, g.Stats().Accepted)
	require.NoError(t, p.Stage(3))
	require.NoError(t, p.Send(4), "a push makes what was staged before it visible")
	require.EqualValues(t, 4, g.Stats().Accepted)
	require.NoError(t, p.Stage(5))
	rest, err = p.Close()
	require.NoError(t, err)
	require.Empty(t, rest)
	require.ErrorIs(t, p.Send(6), group.ErrClosed)
	require.Equal(t, []int{1, 2, 3, 4, 5}, drain(t, g))

	h := newGroup(t, group.Config[int]{Worker: c.worker(1), Depth: 8})
	q := producer(t, h)
	require.NoError(t, q.Stage(1))
	drain(t, h)
	rest, err = q.Flush()
	require.ErrorIs(t, err, group.ErrClosed)
	require.Equal(t, []int{1}, rest, "what was staged and not accepted comes back")
	balanced(t, h)
}

func TestStagingAgainstADepthLimitMakesProgress(t *testing.T) {
	var c collector[int]
	g := startGroup(t, group.Config[int]{Workers: 2, Worker: c.worker(2), Balance: balance.BoundedDepth(3, balance.RoundRobin())})
	p := producer(t, g)
	for i := range 1000 {
		for p.Stage(i) != nil {
			runtime.Gosched()
		}
	}
	_, err := p.Flush()
	require.NoError(t, err)
	require.Empty(t, drain(t, g))
	require.EqualValues(t, 1000, balanced(t, g).Executed)
}
