package exec_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// A receiver that gives way, because it has not had to wait for a while, does so before it
// takes a value: others do not get later values in the meantime.
func TestReceiversThatGiveWayKeepTheOrder(t *testing.T) {
	const n = 30
	for name, receive := range map[string]func(co *exec.Co, m *exec.Mailbox[int], q *exec.Queue[int]) (int, error){
		"Mailbox": func(co *exec.Co, m *exec.Mailbox[int], _ *exec.Queue[int]) (int, error) { return m.Receive(co) },
		"Queue":   func(co *exec.Co, _ *exec.Mailbox[int], q *exec.Queue[int]) (int, error) { return q.Receive(co) },
		"Select Mailbox": func(co *exec.Co, m *exec.Mailbox[int], _ *exec.Queue[int]) (v int, err error) {
			_, err = exec.Select(co, m.Receiving(&v), exec.Elapsed(time.Hour))
			return v, err
		},
		"Select Queue": func(co *exec.Co, _ *exec.Mailbox[int], q *exec.Queue[int]) (v int, err error) {
			_, err = exec.Select(co, q.Receiving(&v), exec.Elapsed(time.Hour))
			return v, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			x := stepped(t, exec.Config{AwaitBudget: 4})
			m := newMailbox(t, x, exec.InboxConfig[int]{})
			var got []int
			inOneStep(t, x, func(l *exec.Local) {
				q := exec.NewQueue[int](l, n)
				for i := range n {
					require.True(t, m.TrySend(i))
					require.True(t, q.TrySend(i))
				}
				for range 3 {
					_, err := exec.Go(l, func(co *exec.Co) (int, error) {
						for {
							v, err := receive(co, m, q)
							if err != nil {
								return 0, err
							}
							got = append(got, v)
						}
					})
					require.NoError(t, err)
				}
			})
			settle(x)
			require.Len(t, got, n)
			for i, v := range got {
				require.Equal(t, i, v, "%v", got)
			}
		})
	}
}

// A coroutine that is cancelled while it gives way takes nothing any more, and does not
// begin to wait.
func TestReceiverCancelledWhileItGivesWay(t *testing.T) {
	for _, left := range []int{0, 1} {
		x := stepped(t, exec.Config{AwaitBudget: 3})
		m := newMailbox(t, x, exec.InboxConfig[int]{})
		require.Equal(t, 2+left, m.TrySendBatch([]int{1, 2, 3}[:2+left]))
		j := launched(t, x, func(co *exec.Co) (sum int, err error) {
			for {
				v, err := m.Receive(co)
				if err != nil {
					return sum, err
				}
				sum += v
			}
		})
		require.False(t, j.Finished())
		require.Equal(t, left, m.Len())
		inOneStep(t, x, func(*exec.Local) { j.Abort() })
		settle(x)
		v, err, ended := j.Result()
		require.True(t, ended)
		require.ErrorIs(t, err, exec.ErrCancelled)
		require.Equal(t, 3, v)
		require.Equal(t, left, m.Len())
	}
}
