package exec_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

func consume(_ *exec.Local, batch []int) int { return len(batch) }

func TestInboxConfigIsChecked(t *testing.T) {
	x := stepped(t, exec.Config{})
	for _, tc := range []struct {
		cfg  exec.InboxConfig[int]
		says string
	}{
		{exec.InboxConfig[int]{}, "exec: InboxConfig.Handle is nil: an inbox needs a handler"},
		{exec.InboxConfig[int]{Handle: consume, Cap: -1}, "exec: inbox inbox: Cap is -1: it must be from 1 to 16777216, or 0 for the default"},
		{exec.InboxConfig[int]{Handle: consume, LaneCap: 1 << 25, Name: "in"}, "exec: inbox in: LaneCap is 33554432: it must be from 1 to 16777216, or 0 for the default"},
		{exec.InboxConfig[int]{Handle: consume, MaxLanes: -3}, "exec: inbox inbox: MaxLanes is -3: it must be from 1 to 16777216, or 0 for the default"},
	} {
		_, err := exec.NewInbox(x, tc.cfg)
		require.EqualError(t, err, tc.says)
	}
}

// An inbox is added before Start, or on the loop; nowhere else.
func TestInboxIsAddedBeforeStartOrOnTheLoop(t *testing.T) {
	sum := 0
	add := exec.InboxConfig[int]{Handle: func(_ *exec.Local, batch []int) int {
		for _, v := range batch {
			sum += v
		}
		return len(batch)
	}}
	var late, later *exec.Inbox[int]
	x, err := exec.New(exec.Config{Name: "it", OnStart: func(l *exec.Local) (err error) {
		late, err = exec.NewInbox(l.Exec(), add)
		return err
	}})
	require.NoError(t, err)
	early, err := exec.NewInbox(x, add)
	require.NoError(t, err)
	startForTest(t, x)
	_, err = exec.NewInbox(x, add)
	require.ErrorIs(t, err, exec.ErrStarted)
	require.EqualError(t, err, "exec: it: an inbox can be added before Start, or on the loop: exec: already started")
	onLoop(t, x, func(*exec.Local) { later, err = exec.NewInbox(x, add) })
	require.NoError(t, err)
	for i, in := range []*exec.Inbox[int]{early, late, later} {
		require.NoError(t, in.Send(t.Context(), 1<<i))
	}
	require.Empty(t, drain(t, x))
	require.Equal(t, 7, sum)
	for _, in := range []*exec.Inbox[int]{early, late, later} {
		require.False(t, in.TrySend(1))
		require.ErrorIs(t, in.Send(t.Context(), 1), exec.ErrClosed)
	}
}

func TestInboxClose(t *testing.T) {
	x := begin(t, exec.Config{})
	var in *exec.Inbox[int]
	got := 0
	onLoop(t, x, func(*exec.Local) {
		var err error
		in, err = exec.NewInbox(x, exec.InboxConfig[int]{Cap: 4, Handle: func(_ *exec.Local, batch []int) int {
			got += len(batch)
			return len(batch)
		}})
		require.NoError(t, err)
		require.Equal(t, 4, in.TrySendBatch([]int{1, 2, 3, 4, 5, 6}))
		require.Zero(t, in.TrySendBatch([]int{5, 6}))
		require.Equal(t, 4, in.Len())
		require.ErrorIs(t, in.Send(context.Background(), 1), exec.ErrOnLoop)
		in.Close()
	})
	require.False(t, in.TrySend(5))
	_, err := in.Undone()
	require.ErrorIs(t, err, exec.ErrRunning)
	onLoop(t, x, func(*exec.Local) {}) // the Exec itself goes on
	require.Empty(t, drain(t, x))
	require.Equal(t, 4, got)
	require.EqualValues(t, 2+2+1, x.Stats().Rejects)
	rest, err := in.Undone()
	require.NoError(t, err)
	require.Empty(t, rest)
}

func TestSendGivesUpWithItsContext(t *testing.T) {
	x := stepped(t, exec.Config{})
	in, err := exec.NewInbox(x, exec.InboxConfig[int]{Cap: 1, Handle: consume})
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	require.NoError(t, in.Send(ctx, 1))
	require.ErrorIs(t, in.Send(ctx, 2), context.DeadlineExceeded)
	settle(x)
	require.ErrorIs(t, in.Send(ctx, 3), context.DeadlineExceeded, "there is room, but the context has ended")
	require.EqualValues(t, 1, x.Stats().Items)
}

// A control inbox of values comes before everything else, in bounded batches.
func TestControlInbox(t *testing.T) {
	x := stepped(t, exec.Config{})
	var order []int
	in, err := exec.NewInbox(x, exec.InboxConfig[int]{Control: true, Cap: 1000, Handle: func(_ *exec.Local, batch []int) int {
		order = append(order, len(batch))
		return len(batch)
	}})
	require.NoError(t, err)
	x.TrySend(exec.Func(func(*exec.Local) { order = append(order, -1) }))
	require.Equal(t, 1000, in.TrySendBatch(make([]int, 1000)))
	x.Step()
	require.Len(t, order, 2)
	require.Positive(t, order[0])
	require.Less(t, order[0], 100, "a flood of control values leaves the turn to the others")
	require.Equal(t, -1, order[1])
	settle(x)
	require.EqualValues(t, 1000, x.Stats().Items)
}

// Admit limits what is offered, Settle hears of everything that was.
func TestAdmitAndSettle(t *testing.T) {
	var seen reports
	x := stepped(t, exec.Config{Burst: 8, OnPanic: seen.add})
	credit, got := 3, []int(nil)
	type settled struct{ offered, gone int }
	var books []settled
	part, fail := 8, false
	in, err := exec.NewInbox(x, exec.InboxConfig[int]{
		Admit: func(_ *exec.Local, n int) int { return min(n, credit) },
		Handle: func(_ *exec.Local, batch []int) int {
			require.LessOrEqual(t, len(batch), credit)
			if fail {
				panic("batch")
			}
			n := min(part, len(batch))
			got = append(got, batch[:n]...)
			return n
		},
		Settle: func(_ *exec.Local, offered, gone int) {
			books = append(books, settled{offered, gone})
			credit -= gone
		},
	})
	require.NoError(t, err)
	require.Equal(t, 10, in.TrySendBatch([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}))
	for range 3 {
		x.Step()
	}
	require.Equal(t, []int{0, 1, 2}, got)
	require.Equal(t, []settled{{3, 3}}, books, "without credit nothing is offered")
	credit, part = 4, 1
	x.Step()
	require.Equal(t, settled{4, 1}, books[1])
	fail = true
	x.Step()
	require.Equal(t, settled{3, 3}, books[2], "a batch that panics is gone")
	require.Equal(t, 3, seen[0].Items)
	credit, fail, part = 100, false, 8
	settle(x)
	require.Equal(t, []int{0, 1, 2, 3, 7, 8, 9}, got)
	s := x.Stats()
	require.EqualValues(t, []uint64{7, 3}, []uint64{s.Items, s.ItemsFailed})
}
