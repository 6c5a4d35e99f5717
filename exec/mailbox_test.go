package exec_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

func newMailbox[T any](t testing.TB, x *exec.Exec, cfg exec.InboxConfig[T]) *exec.Mailbox[T] {
	t.Helper()
	m, err := exec.NewMailbox(x, cfg)
	require.NoError(t, err)
	return m
}

func TestMailboxHasNoHandler(t *testing.T) {
	x := stepped(t, exec.Config{})
	for _, cfg := range []exec.InboxConfig[int]{
		{Handle: consume},
		{Admit: func(*exec.Local, int) int { return 0 }},
		{Settle: func(*exec.Local, int, int) {}},
	} {
		_, err := exec.NewMailbox(x, cfg)
		require.EqualError(t, err, "exec: a Mailbox has no Handle, Admit or Settle: coroutines receive from it")
	}
	_, err := exec.NewMailbox(x, exec.InboxConfig[int]{Cap: -1})
	require.ErrorContains(t, err, "exec: inbox mailbox: Cap is -1")
	_, err = exec.NewMailbox(begin(t, exec.Config{}), exec.InboxConfig[int]{})
	require.ErrorIs(t, err, exec.ErrStarted)
}

// Several senders, over lanes and not, and several receivers: each value is received
// once, and those of one sender in the order sent.
func TestMailboxKeepsTheOrderOfEachSender(t *testing.T) {
	for _, receivers := range []int{1, 3} {
		for name, spin := range map[string]time.Duration{"parking": -1, "default": 0} {
			t.Run(name, func(t *testing.T) {
				x, err := exec.New(exec.Config{Spin: spin})
				require.NoError(t, err)
				m := newMailbox(t, x, exec.InboxConfig[from]{Cap: 16})
				startForTest(t, x)
				const senders = 4
				n := sized(300, 2000, 50_000)
				last := [senders]int{} // x's own
				total := 0
				onLoop(t, x, func(l *exec.Local) {
					for range receivers {
						_, err := exec.Go(l, func(co *exec.Co) (int, error) {
							for {
								v, err := m.Receive(co)
								if err != nil {
									require.ErrorIs(t, err, exec.ErrClosed)
									return 0, nil
								}
								require.Equal(t, last[v.lane]+1, v.seq)
								last[v.lane], total = v.seq, total+1
							}
						})
						require.NoError(t, err)
					}
				})
				var all sync.WaitGroup
				for id := range senders {
					send := func(v from) bool { return m.TrySend(v) }
					if id%2 == 0 {
						lane, err := m.Lane()
						require.NoError(t, err)
						send = lane.Push
					}
					all.Go(func() {
						for i := range n {
							for !send(from{lane: id, seq: i + 1}) && !t.Failed() {
								time.Sleep(10 * time.Microsecond)
							}
						}
					})
				}
				all.Wait()
				require.Empty(t, drain(t, x), "the end of the values ends the coroutines")
				require.Equal(t, senders*n, total)
				left, err := m.Undone()
				require.NoError(t, err)
				require.Empty(t, left)
				require.EqualValues(t, senders*n, x.Stats().Items)
			})
		}
	}
}

// receiver starts a coroutine that receives one value.
func receiver(t testing.TB, x *exec.Exec, m *exec.Mailbox[int]) *exec.Join[int] {
	return launched(t, x, func(co *exec.Co) (int, error) { return m.Receive(co) })
}

// Who waits first is served first, and TryReceive takes nothing that somebody waits for.
func TestMailboxServesThoseWhoWaitInOrder(t *testing.T) {
	x := stepped(t, exec.Config{})
	m := newMailbox(t, x, exec.InboxConfig[int]{})
	var waiting []*exec.Join[int]
	for range 3 {
		waiting = append(waiting, receiver(t, x, m))
	}
	require.Equal(t, 2, m.TrySendBatch([]int{10, 11}))
	inOneStep(t, x, func(*exec.Local) {
		_, ok := m.TryReceive()
		require.False(t, ok, "it is for those who wait")
	}) // the two are handed out at the end of this turn
	require.Equal(t, 3, m.TrySendBatch([]int{12, 13, 14}))
	inOneStep(t, x, func(*exec.Local) {
		_, ok := m.TryReceive()
		require.False(t, ok, "one still waits")
	})
	settle(x)
	for i, j := range waiting {
		v, err, ended := j.Result()
		require.True(t, ended)
		require.NoError(t, err)
		require.Equal(t, 10+i, v)
	}
	inOneStep(t, x, func(*exec.Local) {
		for _, want := range []int{13, 14} {
			v, ok := m.TryReceive()
			require.True(t, ok)
			require.Equal(t, want, v)
		}
		_, ok := m.TryReceive()
		require.False(t, ok)
	})
}

// Whoever comes between a coroutine's being woken and its going on does not upset the order:
// it gets the older value, and the coroutine the next one.
func TestMailboxTryReceiveBetweenHandOverAndReceipt(t *testing.T) {
	x, now := faked(t, exec.Config{})
	m := newMailbox(t, x, exec.InboxConfig[int]{})
	j := receiver(t, x, m)
	require.Equal(t, 2, m.TrySendBatch([]int{1, 2}))
	ran := false
	inOneStep(t, x, func(l *exec.Local) {
		*now++
		l.After(0, exec.Func(func(*exec.Local) { // after 1 was handed over, and before the coroutine
			ran = true
			require.False(t, j.Finished())
			v, ok := m.TryReceive()
			require.True(t, ok)
			require.Equal(t, 1, v)
			_, ok = m.TryReceive()
			require.False(t, ok, "the other one is the coroutine's")
		}))
	})
	require.True(t, ran)
	v, _, ended := j.Result()
	require.True(t, ended)
	require.Equal(t, 2, v)
}

// A wait that ends early loses nothing; neither does one that ends after its value was
// handed over.
func TestMailboxWaitThatEndsEarlyLosesNothing(t *testing.T) {
	x, now := faked(t, exec.Config{})
	m := newMailbox(t, x, exec.InboxConfig[int]{})
	aborted := receiver(t, x, m)
	late := launched(t, x, func(co *exec.Co) (v int, err error) {
		return v, co.Within(time.Second, func() error { v, err = m.Receive(co); return err })
	})
	last := receiver(t, x, m)
	inOneStep(t, x, func(*exec.Local) { aborted.Abort() })
	*now += time.Second
	settle(x)
	require.True(t, m.TrySend(7))
	settle(x)
	_, err, _ := aborted.Result()
	require.ErrorIs(t, err, exec.ErrCancelled)
	_, err, _ = late.Result()
	require.ErrorIs(t, err, exec.ErrTimeout)
	v, err, _ := last.Result()
	require.NoError(t, err)
	require.Equal(t, 7, v)

	handed := receiver(t, x, m)
	require.True(t, m.TrySend(8))
	x.Step()
	inOneStep(t, x, func(*exec.Local) { handed.Abort() })
	settle(x)
	v, err, _ = handed.Result()
	require.NoError(t, err, "it has what it waited for")
	require.Equal(t, 8, v)
}

// In a Select, beside other things to wait for.
func TestMailboxInASelect(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		var m *exec.Mailbox[int]
		x := w.exec(exec.Config{OnStart: func(l *exec.Local) (err error) {
			m, err = exec.NewMailbox(l.Exec(), exec.InboxConfig[int]{})
			return err
		}})
		_, err := in(w, x, func(co *exec.Co) (int, error) {
			v, p := 0, exec.NewPromise[int](co.Local())
			i, err := exec.Select(co, m.Receiving(&v), exec.Elapsed(time.Microsecond), p.Future())
			require.NoError(t, err)
			require.Equal(t, 1, i)
			require.True(t, m.TrySend(1), "the Select is over, and takes nothing any more")
			require.NoError(t, co.Yield())
			require.NoError(t, co.Yield())
			require.Equal(t, 1, m.Len())
			i, err = exec.Select(co, p.Future(), m.Receiving(&v))
			require.NoError(t, err)
			require.Equal(t, []int{1, 1}, []int{i, v}, "one is there")
			go m.TrySend(2)
			i, err = exec.Select(co, p.Future(), exec.Elapsed(time.Hour), m.Receiving(&v))
			require.NoError(t, err)
			require.Equal(t, []int{2, 2}, []int{i, v}, "one comes")
			go m.Close()
			i, err = exec.Select(co, p.Future(), m.Receiving(&v))
			require.Equal(t, exec.ErrClosed, err)
			require.Equal(t, 1, i)
			i, err = exec.Select(co, p.Future(), m.Receiving(&v))
			require.Equal(t, exec.ErrClosed, err)
			require.Equal(t, 1, i)
			return 0, nil
		})
		require.NoError(t, err)
	})
}

func TestMailboxOfAnotherExec(t *testing.T) {
	x, y := stepped(t, exec.Config{}), stepped(t, exec.Config{})
	m := newMailbox(t, y, exec.InboxConfig[int]{})
	require.True(t, m.TrySend(1))
	j := launched(t, x, func(co *exec.Co) (int, error) {
		var v int
		_, err := exec.Select(co, m.Receiving(&v))
		require.Equal(t, exec.ErrForeign, err)
		return m.Receive(co)
	})
	_, err, _ := j.Result()
	require.Equal(t, exec.ErrForeign, err)
	require.Equal(t, 1, m.Len())
}

// TryReceive in the middle of another inbox's batch leaves that batch alone.
func TestMailboxTryReceiveInAHandler(t *testing.T) {
	x := stepped(t, exec.Config{OnPanic: func(exec.Panic) {}})
	m := newMailbox(t, x, exec.InboxConfig[int]{})
	in, err := exec.NewInbox(x, exec.InboxConfig[int]{Handle: func(_ *exec.Local, batch []int) int {
		v, ok := m.TryReceive()
		require.True(t, ok)
		if v == 2 {
			panic("the batch fails")
		}
		return 1
	}})
	require.NoError(t, err)
	require.Equal(t, 2, m.TrySendBatch([]int{1, 2}))
	require.Equal(t, 4, in.TrySendBatch([]int{1, 2, 3, 4}))
	settle(x)
	require.Zero(t, in.Len())
	require.Zero(t, m.Len())
	s := x.Stats()
	require.EqualValues(t, 3, s.Items, "two of the Mailbox and one of the Inbox")
	require.EqualValues(t, 3, s.ItemsFailed)
	settled(t, 6, s)
}
