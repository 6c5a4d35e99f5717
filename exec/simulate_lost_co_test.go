package exec_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/exectest"
)

// The same with what coroutines wait for. Each of them is in its wait, and the Exec
// sleeps, when the fault comes.
func TestSimulationFindsALostWakeOfACoroutine(t *testing.T) {
	var (
		far, near *exec.Exec
		waker     *exec.Waker
		mail      *exec.Mailbox[int]
	)
	for name, w := range map[string]struct {
		wait  func(co *exec.Co) error
		fault func()
		sound func()
	}{
		"Waker": {
			func(co *exec.Co) error { waker = co.Waker(); return co.Park() },
			func() { exec.WakeUnwoken(waker) },
			func() { waker.Wake() },
		},
		"value in a Mailbox": {
			func(co *exec.Co) error { return second(mail.Receive(co)) },
			func() { exec.SendUnwoken(mail.Inbox, 1) },
			func() { mail.TrySend(1) },
		},
		"end of a Mailbox": {
			func(co *exec.Co) error { return second(mail.Receive(co)) },
			func() { exec.CloseUnwoken(mail) },
			func() { mail.Close() },
		},
		"reply": {
			func(co *exec.Co) error {
				return second(exec.CallGoFrom(co, near, func(co *exec.Co) (none, error) {
					waker = co.Waker()
					return none{}, co.Park()
				}))
			},
			func() { exec.AnswerUnwoken(far) },
			func() { waker.Wake() },
		},
	} {
		for _, fault := range []bool{false, true} {
			t.Run(name+map[bool]string{false: ", sound", true: ", lost"}[fault], func(t *testing.T) {
				sim := exectest.NewFor(t, exectest.Config{Seed: 4711})
				var err error
				far, err = sim.Exec(exec.Config{Name: "far"})
				require.NoError(t, err)
				mail, err = exec.NewMailbox(far, exec.InboxConfig[int]{})
				require.NoError(t, err)
				near, err = sim.Exec(exec.Config{Name: "near"})
				require.NoError(t, err)
				over := false
				far.TrySend(exec.Func(func(l *exec.Local) {
					spawn(l, func(co *exec.Co) error {
						err := w.wait(co)
						over = true
						return err
					})
				}))
				require.NoError(t, sim.Settle())
				require.False(t, over)
				if fault {
					w.fault()
					require.ErrorIs(t, sim.Settle(), exectest.ErrLostWake)
					require.ErrorContains(t, sim.Err(), "far is asleep although something waits for it")
					return
				}
				w.sound()
				require.NoError(t, sim.Settle())
				require.True(t, over)
			})
		}
	}
}

// A Quiesce in a turn that does nothing else keeps the Exec from going to sleep, and one
// while it sleeps wakes it.
func TestSimulatedQuiesceIsHeard(t *testing.T) {
	for _, inTurn := range []bool{false, true} {
		sim := exectest.NewFor(t, exectest.Config{Seed: 4711})
		x, err := sim.Exec(exec.Config{})
		require.NoError(t, err)
		src := &quiescing{}
		x.TrySend(exec.Func(func(l *exec.Local) {
			l.AddSource(src)
			spawn(l, func(co *exec.Co) error { co.CancelOnDrain(); return co.Park() })
		}))
		require.NoError(t, sim.Settle())
		if inTurn {
			src.x = x
			x.Wake()
		} else {
			x.Quiesce()
		}
		require.NoError(t, sim.Settle())
		require.Zero(t, x.Stats().Coroutines)
	}
}

// quiescing is a Source that has nothing to do but to begin a drain, once it knows of what.
type quiescing struct{ x *exec.Exec }

func (q *quiescing) Poll(*exec.Local, int) int {
	if q.x != nil {
		q.x.Quiesce()
	}
	return 0
}

func (q *quiescing) Next() (_ time.Duration, _ bool) { return 0, false }
