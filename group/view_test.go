package group_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// holding is a worker that consumes nothing.
func holding(*exec.Local, int) (group.Handler[int], error) {
	return group.HandlerFunc[int](func(*exec.Local, []int) int { return 0 }), nil
}

// A balancer that reads depths sees what waits at a worker from all senders, as of the
// worker's last turn, and its own sends since.
func TestDepthsAreThoseOfAllSenders(t *testing.T) {
	g := newGroup(t, group.Config[int]{Workers: 2, Worker: holding, Balance: balance.LeastLoaded()})
	t.Cleanup(g.Stop)
	one, other := producer(t, g), producer(t, g)
	for i := range 10 {
		require.NoError(t, one.SendTo(0, i))
	}
	depth := func(i int) int { return g.Exec(i).Stats().Depth }
	group.Refreshing(t, -1) // each pick looks again
	for range 2 {
		require.NoError(t, other.SendTo(1, 0))
	}
	for range 2 {
		require.NoError(t, other.Send(0))
	}
	require.Equal(t, []int{12, 2}, []int{depth(0), depth(1)}, "no worker has had a turn: its own sends are all that it knows")
	g.Exec(0).Step()
	for range 10 {
		require.NoError(t, other.Send(0))
	}
	require.Equal(t, []int{12, 12}, []int{depth(0), depth(1)})
	g.Exec(0).Step()
	g.Exec(1).Step()
	for range 6 {
		require.NoError(t, one.Send(0))
		g.Exec(0).Step()
		g.Exec(1).Step()
	}
	require.Equal(t, []int{15, 15}, []int{depth(0), depth(1)})
	// Local tasks wait, too.
	require.True(t, g.Exec(0).TryControl(exec.Func(func(l *exec.Local) {
		var again exec.Func
		again = func(l *exec.Local) { l.Spawn(again) }
		for range 4 {
			l.Spawn(again)
		}
	})))
	g.Exec(0).Step()
	for range 4 {
		require.NoError(t, one.Send(0))
	}
	require.Equal(t, 19, depth(1))
}

// witness is a balancer that keeps what it was shown of worker 0.
type witness struct{ taken, depth *uint64 }

func (witness) Ordered() bool              { return true }
func (witness) Update(*balance.View) error { return nil }
func (w witness) Pick(_ uint64, v *balance.View) int {
	*w.taken, *w.depth = v.Taken[0], v.Depth[0]
	return 0
}

// witnessed is a group of one worker, which is not started, and a producer that tells what it sees.
func witnessed(t *testing.T, taken, depth *uint64) (*group.Group[int], *group.Producer[int]) {
	g := newGroup(t, group.Config[int]{
		Workers: 1,
		Balance: func(*balance.View) (balance.Balancer, error) { return witness{taken, depth}, nil },
		Worker: func(*exec.Local, int) (group.Handler[int], error) {
			return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int { return len(batch) }), nil
		},
	})
	t.Cleanup(g.Stop)
	return g, producer(t, g)
}

// A view is looked at again when it is older than its time, or has served enough sends,
// and not before.
func TestViewsAreRefreshed(t *testing.T) {
	var taken, depth uint64
	g, p := witnessed(t, &taken, &depth)
	send := func() {
		require.NoError(t, p.Send(0))
	}

	group.Refreshing(t, math.MaxInt64)
	for i := range uint64(group.RefreshEvery) {
		send()
		g.Exec(0).Step()
		require.Equal(t, []uint64{0, i}, []uint64{taken, depth}, "only its own sends are known")
	}
	send()
	require.EqualValues(t, []uint64{group.RefreshEvery, 0}, []uint64{taken, depth})
	g.Exec(0).Step()
	send()
	require.EqualValues(t, []uint64{group.RefreshEvery, 1}, []uint64{taken, depth})

	g.Exec(0).Step()
	group.Refreshing(t, -1)
	send()
	require.EqualValues(t, []uint64{group.RefreshEvery + 2, 0}, []uint64{taken, depth})
}

// The time that a view is good for is a short one.
func TestViewsGrowOldOnTheirOwn(t *testing.T) {
	var taken, depth uint64
	g, p := witnessed(t, &taken, &depth)
	for i := range uint64(5) {
		time.Sleep(time.Millisecond) // at least; 10 us are enough
		require.NoError(t, p.Send(0))
		require.Equal(t, []uint64{i, 0}, []uint64{taken, depth})
		g.Exec(0).Step()
	}
}
