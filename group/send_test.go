package group_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

func TestBlockWaitsForRoomForTheContextAndForClose(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var c collector[int]
	g := newGroup(t, group.Config[int]{Worker: c.worker(1), Depth: 2, OnFull: group.Block(ctx)})
	p := producer(t, g)
	require.NoError(t, p.Send(1))
	require.NoError(t, p.Send(2))
	time.AfterFunc(5*time.Millisecond, func() { require.NoError(t, g.Start()) })
	require.NoError(t, p.Send(3))
	rest, err := p.SendBatch([]int{4, 5, 6, 7, 8, 9})
	require.NoError(t, err)
	require.Empty(t, rest)
	drain(t, g)
	require.Equal(t, [][]int{{1, 2, 3, 4, 5, 6, 7, 8, 9}}, c.got)

	h := newGroup(t, group.Config[int]{Worker: c.worker(1), Depth: 1, OnFull: group.Block(ctx)})
	q := producer(t, h)
	require.NoError(t, q.Send(1))
	time.AfterFunc(5*time.Millisecond, cancel)
	require.ErrorIs(t, q.Send(2), context.Canceled)
	rest, err = q.SendBatch([]int{2, 3})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, []int{2, 3}, rest)

	k := newGroup(t, group.Config[int]{Worker: c.worker(1), Depth: 1, OnFull: group.Block(context.Background())})
	r := producer(t, k)
	require.NoError(t, r.Send(1))
	time.AfterFunc(5*time.Millisecond, k.Stop)
	require.ErrorIs(t, r.Send(2), group.ErrClosed, "a producer that waits must notice the end of the group")
	require.Equal(t, []int{1}, drain(t, k))
}

func TestStrangersSend(t *testing.T) {
	var c collector[item]
	g := startGroup(t, group.Config[item]{Workers: 2, Worker: c.worker(2), Depth: 16, Balance: balance.KeyHash(), Key: func(v *item) uint64 { return v.key }})
	var wg sync.WaitGroup
	for id := range 8 {
		wg.Go(func() {
			for i := range 500 {
				if err := g.Send(context.Background(), item{uint64(id), uint64(i)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	require.Empty(t, drain(t, g))
	last := map[uint64]uint64{}
	for _, got := range c.got {
		for _, v := range got {
			require.True(t, v.seq == 0 || last[v.key] == v.seq-1, "sender %d", v.key)
			last[v.key] = v.seq
		}
	}
	require.EqualValues(t, 4000, balanced(t, g).Executed)
	require.ErrorIs(t, g.TrySend(item{}), group.ErrClosed)
	require.ErrorIs(t, g.Send(context.Background(), item{}), group.ErrClosed)
}

func TestBlockingCallsOnALoop(t *testing.T) {
	g := startGroup(t, group.Config[exec.Task]{})
	errs := make(chan error, 8)
	require.NoError(t, g.TrySend(exec.Func(func(*exec.Local) {
		ctx := context.Background()
		errs <- g.Send(ctx, exec.Func(func(*exec.Local) {}))
		_, err := g.Drain(ctx)
		errs <- err
		errs <- g.Wait()
		errs <- g.Start()
	})))
	for range 4 {
		require.ErrorIs(t, <-errs, exec.ErrOnLoop)
	}
}

func TestNoAllocationWhenSending(t *testing.T) {
	g := newGroup(t, group.Config[item]{
		Workers: 2, Balance: balance.KeyHash(), Key: func(v *item) uint64 { return v.key }, Depth: 1 << 16,
		Worker: func(*exec.Local, int) (group.Handler[item], error) {
			return group.HandlerFunc[item](func(_ *exec.Local, b []item) int { return len(b) }), nil
		},
	})
	p := producer(t, g)
	vs := make([]item, 32)
	for name, f := range map[string]func(){
		"Send":      func() { _ = p.Send(item{key: 1}) },
		"SendBatch": func() { _, _ = p.SendBatch(vs) },
		"Stage":     func() { _ = p.Stage(item{key: 1}); _ = p.Stage(item{key: 2}); _, _ = p.Flush() },
		"TrySend":   func() { _ = g.TrySend(item{key: 1}) },
	} {
		if name == "TrySend" && exec.Checked {
			continue // under the race detector sync.Pool forgets at random
		}
		require.Zero(t, testing.AllocsPerRun(200, f), name)
	}
}
