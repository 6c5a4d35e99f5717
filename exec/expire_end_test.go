package exec_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// A panic in OnExpired fails the batch, as one in Handle does, and nothing else.
func TestPanicInOnExpired(t *testing.T) {
	for _, way := range ways {
		for what, fail := range map[string]func(){"panic": func() { panic("expired") }, "goexit": runtime.Goexit} {
			t.Run(way+"/"+what, func(t *testing.T) {
				failing, offered := true, 0
				p := newPatient(t, exec.InboxConfig[int]{
					Settle: func(_ *exec.Local, n, _ int) { offered += n },
					OnExpired: func(_ *exec.Local, batch []int) {
						require.LessOrEqual(t, len(batch), 2)
						if failing {
							failing = false
							fail()
						}
					},
				})
				send, batch := p.way(t, way)
				require.Equal(t, 2, batch([]int{0, 1}))
				p.now = 5 * ms
				require.True(t, send(2))
				p.now = 11 * ms
				over := make(chan struct{})
				go func() { // which a Goexit ends
					defer close(over)
					p.x.Step()
				}()
				<-over
				settle(p.x)
				require.Equal(t, []int{2}, p.handled)
				require.Equal(t, 1, offered)
				require.Len(t, p.reports, 1)
				require.Equal(t, 2, p.reports[0].Items)
				s := p.x.Stats()
				require.EqualValues(t, []uint64{1, 2, 0}, []uint64{s.Items, s.ItemsFailed, s.Expired})
				require.True(t, send(3))
				p.now += time.Second
				settle(p.x)
				require.EqualValues(t, 1, p.x.Stats().Expired)
				settled(t, 4, p.x.Stats())
			})
		}
	}
}

// A panic in Handle fails what it was offered, not what lies behind it.
func TestPanicBesideExpiredItems(t *testing.T) {
	p := newPatient(t, exec.InboxConfig[int]{Handle: func(*exec.Local, []int) int { panic("handler") }})
	p.read = func() {
		p.now = 8 * ms
		require.True(t, p.in.TrySend(0))
	}
	require.True(t, p.in.TrySend(1))
	p.now = 11 * ms
	p.x.Step()
	require.EqualValues(t, 1, p.x.Stats().ItemsFailed)
	require.Empty(t, p.expired)
	p.x.Step()
	require.Equal(t, []int{1}, p.expired)
	settled(t, 2, p.x.Stats())
}

// Tasks that have expired cannot be run as the batch in hand: those for which the queue
// has no room would be lost.
func TestRunTasksInOnExpired(t *testing.T) {
	var seen reports
	now := time.Duration(0)
	x := stepped(t, exec.Config{OnPanic: seen.add, Clock: func() time.Duration { return now }})
	in, err := exec.NewInbox(x, exec.InboxConfig[exec.Task]{Handle: exec.RunTasks, MaxWait: ms,
		OnExpired: func(l *exec.Local, batch []exec.Task) { exec.RunTasks(l, batch) }})
	require.NoError(t, err)
	require.True(t, in.TrySend(nop{}))
	now = 2 * ms
	require.True(t, in.TrySend(nop{}))
	settle(x)
	require.Len(t, seen, 1)
	require.Contains(t, seen[0].Error(), "RunTasks was called by OnExpired")
	require.EqualValues(t, []uint64{1, 1}, []uint64{x.Stats().Tasks, x.Stats().ItemsFailed})
	settled(t, 2, x.Stats())
}

// Nobody judges what is given back.
func TestUndoneOfAnInboxWithMaxWait(t *testing.T) {
	p := newPatient(t, exec.InboxConfig[int]{})
	send, _ := p.way(t, "lane")
	require.Equal(t, 2, p.in.TrySendBatch([]int{0, 1}))
	require.True(t, send(2))
	require.Equal(t, 2, p.in.SharedLen())
	require.Equal(t, 3, p.in.Len())
	p.now = time.Second
	require.Empty(t, drain(t, p.x))
	vs, err := p.in.Undone()
	require.NoError(t, err)
	require.Equal(t, []int{0, 1, 2}, vs)
	require.Zero(t, p.in.Len())
	require.False(t, p.in.TrySend(3))
	require.ErrorIs(t, p.in.Send(t.Context(), 3), exec.ErrClosed)
	settled(t, 3, p.x.Stats())
}
