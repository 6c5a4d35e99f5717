package exec_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// script is a Simulator that does what it is told and notes what it is told.
type script struct {
	pick   func(n int) int
	full   bool
	parked []time.Duration
	held   bool
	woken  int
}

func (s *script) Pick(n int) int       { return s.pick(n) }
func (s *script) Full(*exec.Exec) bool { return s.full }
func (s *script) Woken(*exec.Exec)     { s.woken++ }
func (s *script) Parked(_ *exec.Exec, limit time.Duration, held bool) {
	s.parked, s.held = append(s.parked, limit), held
}

func TestSimulatedExecIsNotStarted(t *testing.T) {
	x := stepped(t, exec.Config{Name: "toy", Sim: &script{}})
	require.ErrorContains(t, x.Start(), "exec: toy: Config.Sim is set: a simulated Exec is run by Step, not by Start")
	require.True(t, x.TrySend(nop{}), "it can still be stepped")
	worked, _ := x.Step()
	require.True(t, worked)
}

func TestPickChoosesTheNextTask(t *testing.T) {
	for _, c := range []struct {
		name string
		pick func(n int) int
		want []int
	}{
		{"oldest", func(int) int { return 0 }, []int{0, 1, 2, 3, 4}},
		{"newest", func(n int) int { return n - 1 }, []int{4, 3, 2, 1, 0}},
		{"second", func(n int) int { return min(1, n-1) }, []int{1, 2, 3, 4, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []int
			x := stepped(t, exec.Config{LocalCap: 5, Sim: &script{pick: c.pick}})
			for range 3 { // so that the queue wraps
				got = nil
				inOneStep(t, x, func(l *exec.Local) {
					for i := range 5 {
						l.Spawn(exec.Func(func(*exec.Local) { got = append(got, i) }))
					}
				})
				settle(x)
				require.Equal(t, c.want, got)
			}
		})
	}
	x := stepped(t, exec.Config{Name: "toy", Sim: &script{pick: func(n int) int { return n }}})
	x.TrySend(exec.Func(func(l *exec.Local) { l.Spawn(nop{}) }))
	x.Step()
	require.PanicsWithValue(t, "exec: toy: Simulator.Pick returned 1 of 1: it must be from 0 to 0", func() { x.Step() })
}

// A send that the simulator refuses looks like one that the ring has refused, also in
// the counters.
func TestFullLooksLikeAFullRing(t *testing.T) {
	look := func(full bool) (answers []any) {
		x := stepped(t, exec.Config{InboxCap: 1, ControlCap: 1, Sim: &script{full: full}})
		in, err := exec.NewInbox(x, exec.InboxConfig[int]{Cap: 1, Handle: func(_ *exec.Local, batch []int) int { return len(batch) }})
		require.NoError(t, err)
		lane, err := in.Lane()
		require.NoError(t, err)
		if !full {
			x.TrySend(nop{})
			x.TryControl(nop{})
			in.TrySend(1)
			lane.Push(1)
		}
		answers = append(answers, x.TrySend(nop{}), x.TryControl(nop{}), in.TrySend(2), in.TrySendBatch([]int{2, 3}),
			lane.Push(2), lane.PushBatch([]int{2, 3}), x.Stats().Rejects)
		require.Equal(t, full, lane.Stage(2), "Stage does not ask")
		return answers
	}
	really, injected := look(false), look(true)
	require.Equal(t, really, injected)
	require.EqualValues(t, 5, injected[len(injected)-1])
}

func TestParkedAndWokenStandForTheSleep(t *testing.T) {
	var now time.Duration
	s := &script{pick: func(int) int { return 0 }}
	hold := false
	x := stepped(t, exec.Config{Sim: s, Clock: func() time.Duration { return now }})
	in, err := exec.NewInbox(x, exec.InboxConfig[int]{Handle: func(_ *exec.Local, batch []int) int {
		if hold {
			return 0
		}
		return len(batch)
	}})
	require.NoError(t, err)
	x.Step()
	require.Equal(t, []time.Duration{exec.Never}, s.parked)
	require.False(t, s.held)

	in.TrySend(1)
	in.TrySend(2)
	x.TrySend(nop{})
	x.Wake()
	require.Equal(t, 1, s.woken, "one wake per park")
	require.EqualValues(t, 1, x.Stats().WakesReceived)
	require.False(t, x.LostWake())

	x.TrySend(exec.Func(func(l *exec.Local) { l.After(time.Second, nop{}) }))
	settle(x)
	require.Equal(t, []time.Duration{exec.Never, time.Second}, s.parked)
	now += time.Second
	x.Step() // the sleep has timed out
	require.EqualValues(t, 1, x.Stats().Timers)
	require.Len(t, s.parked, 2, "a turn that did something does not park")

	hold = true
	in.TrySend(3)
	require.Equal(t, 1, s.woken, "it is awake")
	x.Step()
	require.True(t, s.held)
	require.Less(t, s.parked[2], time.Millisecond)
	require.False(t, x.LostWake(), "it looks again by itself")
	require.EqualValues(t, 3, x.Stats().Parks)

	hold = false
	settle(x)
	x.Wake()
	require.Equal(t, 2, s.woken)
	x.Step()
	require.Len(t, s.parked, 5)

	// A Wake in a turn that does nothing comes too late for that turn.
	again := true
	inOneStep(t, x, func(l *exec.Local) {
		l.AddSource(&onEmptyStep{func() {
			if again {
				x.Wake()
			}
		}})
	})
	parks := len(s.parked)
	x.Step()
	require.Len(t, s.parked, parks)
	again = false
	x.Step()
	require.Len(t, s.parked, parks+1)

	x.TrySend(nop{})
	x.Stop()
	require.False(t, x.LostWake())
}

// onEmptyStep is a source that does something and says that it did nothing.
type onEmptyStep struct{ f func() }

func (o *onEmptyStep) Poll(*exec.Local, int) int       { o.f(); return 0 }
func (o *onEmptyStep) Next() (_ time.Duration, _ bool) { return 0, false }
