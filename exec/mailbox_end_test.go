package exec_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// Closed, a Mailbox still gives what it has; then, and to those who wait, ErrClosed.
func TestMailboxClosed(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		var m *exec.Mailbox[int]
		x := w.exec(exec.Config{OnStart: func(l *exec.Local) (err error) {
			m, err = exec.NewMailbox(l.Exec(), exec.InboxConfig[int]{})
			return err
		}})
		waiting := make(chan bool, 3)
		for range 3 {
			launchIn(w, x, func(co *exec.Co) (int, error) {
				_, err := m.Receive(co)
				require.Equal(t, exec.ErrClosed, err)
				waiting <- true
				return 0, err
			})
		}
		w.until("they wait", func() bool { return x.Stats().Resumes >= 3 })
		m.Close()
		require.False(t, m.TrySend(1))
		w.until("they know", func() bool { return len(waiting) == 3 })
	})
	x := stepped(t, exec.Config{})
	m := newMailbox(t, x, exec.InboxConfig[int]{})
	lane, err := m.Lane()
	require.NoError(t, err)
	require.True(t, lane.Push(1))
	require.True(t, m.TrySend(2))
	m.Close()
	require.False(t, lane.Push(3))
	j := launched(t, x, func(co *exec.Co) (sum int, err error) {
		for {
			v, err := m.Receive(co)
			if err != nil {
				return sum, err
			}
			sum += v
		}
	})
	v, err, _ := j.Result()
	require.Equal(t, exec.ErrClosed, err)
	require.Equal(t, 3, v)
}

// A drain ends a loop that receives, after the last value.
func TestMailboxEndsWithADrain(t *testing.T) {
	for name, spin := range allSpins {
		t.Run(name, func(t *testing.T) {
			x, err := exec.New(exec.Config{Spin: spin})
			require.NoError(t, err)
			m := newMailbox(t, x, exec.InboxConfig[int]{})
			startForTest(t, x)
			sum := 0
			onLoop(t, x, func(l *exec.Local) {
				_, err := exec.Go(l, func(co *exec.Co) (int, error) {
					for {
						v, err := m.Receive(co)
						if err != nil {
							require.Equal(t, exec.ErrClosed, err)
							return 0, nil
						}
						sum += v
						require.NoError(t, co.Sleep(time.Microsecond))
					}
				})
				require.NoError(t, err)
			})
			for i := range 100 {
				require.True(t, m.TrySend(i))
			}
			require.Empty(t, drain(t, x))
			require.Equal(t, 4950, sum)
			settled(t, 1+1+100, x.Stats())
		})
	}
}

// What nobody receives does not hold up a drain, and comes back from Undone.
func TestMailboxUnreceivedComesBack(t *testing.T) {
	for how, end := range ends {
		t.Run(how, func(t *testing.T) {
			x, err := exec.New(exec.Config{})
			require.NoError(t, err)
			m := newMailbox(t, x, exec.InboxConfig[int]{})
			startForTest(t, x)
			lane, err := m.Lane()
			require.NoError(t, err)
			received := 0
			onLoop(t, x, func(l *exec.Local) {
				_, err := exec.Go(l, func(co *exec.Co) (int, error) {
					for range 3 {
						_, err := m.Receive(co)
						require.NoError(t, err)
						received++
					}
					return 0, nil
				})
				require.NoError(t, err)
			})
			require.Equal(t, 5, m.TrySendBatch([]int{1, 2, 3, 4, 5}))
			require.Equal(t, 5, lane.PushBatch([]int{1, 2, 3, 4, 5}))
			eventually(t, "some are received", func() bool { return x.Stats().Items == 3 && x.Stats().Coroutines == 0 })
			_, err = m.Undone()
			require.ErrorIs(t, err, exec.ErrRunning)
			end(t, x)
			require.NoError(t, x.Wait())
			left, err := m.Undone()
			require.NoError(t, err)
			require.Len(t, left, 7)
			require.Equal(t, 3, received)
			settled(t, 1+1+10, x.Stats())
		})
	}
}

// While an Exec drains and a coroutine sleeps, values that nobody receives do not keep the
// loop busy.
func TestMailboxUnreceivedDoesNotKeepADrainBusy(t *testing.T) {
	x, err := exec.New(exec.Config{Spin: -1})
	require.NoError(t, err)
	m := newMailbox(t, x, exec.InboxConfig[int]{})
	startForTest(t, x)
	var remote *exec.Waker
	onLoop(t, x, func(l *exec.Local) {
		_, err := exec.Go(l, func(co *exec.Co) (int, error) {
			remote = co.Waker()
			return 0, co.Park()
		})
		require.NoError(t, err)
	})
	require.True(t, m.TrySend(1))
	drained := make(chan error, 1)
	go func() { _, err := x.Drain(patience(t)); drained <- err }()
	eventually(t, "it refuses", func() bool { return !m.TrySend(2) })
	eventually(t, "it sleeps", func() bool { return exec.Asleep(x) })
	stillFor(t, x)
	remote.Wake()
	require.NoError(t, <-drained)
}

// stillFor checks that a parked x runs next to no turns for a while: one that looks again
// and again runs a thousand.
func stillFor(t testing.TB, x *exec.Exec) {
	t.Helper()
	before := x.Stats().Parks
	time.Sleep(50 * time.Millisecond)
	require.Less(t, x.Stats().Parks-before, uint64(50))
}

// Nobody receives: the rings fill up, which is back-pressure, and the Exec sleeps.
func TestMailboxThatNobodyReceivesFrom(t *testing.T) {
	x, err := exec.New(exec.Config{Spin: -1})
	require.NoError(t, err)
	m := newMailbox(t, x, exec.InboxConfig[int]{Cap: 4, LaneCap: 2})
	startForTest(t, x)
	lane, err := m.Lane()
	require.NoError(t, err)
	for i := range 4 {
		require.True(t, m.TrySend(i))
	}
	require.False(t, m.TrySend(4))
	require.True(t, lane.Push(5))
	require.True(t, lane.Push(6))
	require.False(t, lane.Push(7))
	require.EqualValues(t, 1, x.Stats().Rejects)
	require.Equal(t, 6, m.Len())
	require.Equal(t, 6, x.Stats().Depth)
	eventually(t, "it sleeps", func() bool { return exec.Asleep(x) })
	idleFor(t, x)
	// Somebody who takes one leaves it asleep, too.
	onLoop(t, x, func(*exec.Local) {
		_, ok := m.TryReceive()
		require.True(t, ok)
	})
	require.True(t, m.TrySend(8) || lane.Push(8), "there is room again")
	eventually(t, "it sleeps", func() bool { return exec.Asleep(x) })
	idleFor(t, x)
}

// idleFor checks that x runs next to no turns for a while, with or without parking in
// between: one that polls runs many thousands. It is asked on its loop, because Stats shows
// no turns of a loop that neither finds anything nor parks.
func idleFor(t testing.TB, x *exec.Exec) {
	t.Helper()
	turns := func() uint64 {
		n, err := exec.Call(patience(t), x, func(l *exec.Local) (uint64, error) { return l.Stats().Turns, nil })
		require.NoError(t, err)
		return n
	}
	before := turns()
	time.Sleep(50 * time.Millisecond)
	require.Less(t, turns()-before, uint64(100))
}

// The end of the Exec ends a wait for a value.
func TestMailboxWaitEndsWithTheExec(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		var m *exec.Mailbox[int]
		x := w.exec(exec.Config{OnStart: func(l *exec.Local) (err error) {
			m, err = exec.NewMailbox(l.Exec(), exec.InboxConfig[int]{})
			return err
		}})
		errs := make(chan error, 1)
		launchIn(w, x, func(co *exec.Co) (int, error) { v, err := m.Receive(co); errs <- err; return v, err })
		w.until("it waits", func() bool { return x.Stats().Resumes > 0 })
		x.Stop()
		require.ErrorIs(t, <-errs, exec.ErrClosed)
	})
}
