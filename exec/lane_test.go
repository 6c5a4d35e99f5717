package exec_test

import (
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// from is a value that knows its lane and its place there.
type from struct{ lane, seq int }

// inOrder is a handler that notes what comes, and checks that each lane's values
// come in the order sent. It belongs to the loop.
type inOrder struct {
	t       testing.TB
	next    map[int]int // by lane
	batches []from      // the first of each batch
	served  []int       // the lane of each value, in the order of arrival
}

func (o *inOrder) handle(_ *exec.Local, batch []from) int {
	o.batches = append(o.batches, batch[0])
	for _, v := range batch {
		if v.lane != batch[0].lane {
			o.t.Errorf("one batch holds values of lanes %d and %d", batch[0].lane, v.lane)
		}
		if v.seq != o.next[v.lane] {
			o.t.Errorf("lane %d: value %d came when %d was next", v.lane, v.seq, o.next[v.lane])
		}
		o.next[v.lane] = v.seq + 1
		o.served = append(o.served, v.lane)
	}
	return len(batch)
}

func newInOrder(t testing.TB, x *exec.Exec, cfg exec.InboxConfig[from]) (*inOrder, *exec.Inbox[from]) {
	o := &inOrder{t: t, next: map[int]int{}}
	cfg.Handle = o.handle
	in, err := exec.NewInbox(x, cfg)
	require.NoError(t, err)
	return o, in
}

func lanes(t testing.TB, in *exec.Inbox[from], n int) (lanes []*exec.Lane[from]) {
	for range n {
		lane, err := in.Lane()
		require.NoError(t, err)
		lanes = append(lanes, lane)
	}
	return lanes
}

// Values of one sender arrive in the order sent, whichever way it sends them.
func TestLanesKeepOrder(t *testing.T) {
	const senders = 4
	n := sized(5_000, 50_000, 1_000_000)
	x, err := exec.New(exec.Config{Burst: 16})
	require.NoError(t, err)
	o, in := newInOrder(t, x, exec.InboxConfig[from]{LaneCap: 32})
	all := lanes(t, in, senders)
	startForTest(t, x)
	var wg sync.WaitGroup
	for id, lane := range all {
		wg.Go(func() {
			for seq := 0; seq < n; {
				if lane.Free() == 0 {
					runtime.Gosched()
				}
				switch {
				case seq%7 < 3:
					if lane.Push(from{id, seq}) {
						seq++
					}
				case seq%7 < 5:
					seq += lane.PushBatch([]from{{id, seq}, {id, seq + 1}, {id, seq + 2}}[:min(3, n-seq)])
				default:
					if lane.Stage(from{id, seq}) {
						seq++
					}
					lane.Flush()
				}
			}
		})
	}
	wg.Wait()
	require.Empty(t, drain(t, x))
	for id := range all {
		require.Equal(t, n, o.next[id])
	}
	require.EqualValues(t, senders*n, x.Stats().Items)
}

func TestStagedIsInvisibleUntilFlush(t *testing.T) {
	x := stepped(t, exec.Config{})
	o, in := newInOrder(t, x, exec.InboxConfig[from]{LaneCap: 8})
	lane := lanes(t, in, 1)[0]
	for i := range 3 {
		require.True(t, lane.Stage(from{0, i}))
	}
	settle(x)
	require.Empty(t, o.served)
	require.Zero(t, lane.Len())
	require.True(t, lane.Flush())
	require.Equal(t, 3, lane.Len())
	settle(x)
	require.Equal(t, 3, o.next[0])
	require.True(t, lane.Stage(from{0, 3}))
	require.True(t, lane.Push(from{0, 4}), "publishes what was staged before it, too")
	settle(x)
	require.Equal(t, 5, o.next[0])
	require.True(t, lane.Flush(), "of nothing")
	for i := range 8 {
		require.True(t, lane.Stage(from{0, 5 + i}))
	}
	require.False(t, lane.Stage(from{0, 13}), "staged values use room")
	require.Equal(t, []int{0, 8, 8}, []int{lane.Len(), lane.Free(), lane.Cap()})
}

func TestRecallAfterClose(t *testing.T) {
	for name, end := range map[string]func(x *exec.Exec, in *exec.Inbox[from], lane *exec.Lane[from]){
		"the lane":  func(_ *exec.Exec, _ *exec.Inbox[from], lane *exec.Lane[from]) { lane.Close() },
		"the inbox": func(_ *exec.Exec, in *exec.Inbox[from], _ *exec.Lane[from]) { in.Close() },
		"the Exec":  func(x *exec.Exec, _ *exec.Inbox[from], _ *exec.Lane[from]) { x.Stop() },
	} {
		t.Run(name, func(t *testing.T) {
			x := stepped(t, exec.Config{})
			o, in := newInOrder(t, x, exec.InboxConfig[from]{})
			lane := lanes(t, in, 1)[0]
			require.True(t, lane.Push(from{0, 0}))
			require.True(t, lane.Stage(from{0, 1}))
			require.True(t, lane.Stage(from{0, 2}))
			end(x, in, lane)
			require.True(t, lane.Closed())
			require.False(t, lane.Flush())
			require.False(t, lane.Push(from{0, 3}))
			require.Zero(t, lane.PushBatch([]from{{0, 3}}))
			require.Equal(t, []from{{0, 1}, {0, 2}}, lane.Recall())
			require.Nil(t, lane.Recall())
			lane.Stage(from{0, 1}) // that the lane is closed shows in Flush
			require.False(t, lane.Flush())
			require.Equal(t, []from{{0, 1}}, lane.Recall())
			settle(x)
			if name == "the Exec" {
				rest, err := in.Undone()
				require.NoError(t, err)
				require.Equal(t, []from{{0, 0}}, rest)
				require.EqualValues(t, 1, x.Stats().Returned)
			} else {
				require.Equal(t, 1, o.next[0], "what was accepted before")
			}
		})
	}
}

func TestLanesAreBounded(t *testing.T) {
	x := stepped(t, exec.Config{Name: "it"})
	_, in := newInOrder(t, x, exec.InboxConfig[from]{Name: "values", MaxLanes: 3})
	all := lanes(t, in, 3)
	_, err := in.Lane()
	require.ErrorIs(t, err, exec.ErrTooMany)
	require.EqualError(t, err, "exec: it: inbox values: all 3 lanes are taken (MaxLanes): exec: limit reached")

	// Close gives the place back, once the last value was taken.
	require.True(t, all[1].Push(from{1, 0}))
	all[1].Close()
	_, err = in.Lane()
	require.ErrorIs(t, err, exec.ErrTooMany, "the lane still holds a value")
	settle(x)
	lane, err := in.Lane()
	require.NoError(t, err)
	require.True(t, lane.Push(from{2, 0}))
	settle(x)
	require.EqualValues(t, 2, x.Stats().Items)
	for range 1000 {
		lane.Close()
		lane = lanes(t, in, 1)[0]
	}
	in.Close()
	_, err = in.Lane()
	require.ErrorIs(t, err, exec.ErrClosed)
	require.EqualError(t, err, "exec: it: inbox values: exec: closed")
	_, err = x.Lane()
	require.NoError(t, err, "the others are open")
	x.Stop()
	_, err = x.Lane()
	require.ErrorIs(t, err, exec.ErrClosed)
}
