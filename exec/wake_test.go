package exec_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// pinger is a task that sends itself to and fro between two Execs.
type pinger struct {
	to    [2]*exec.Exec
	left  int
	send  func(x *exec.Exec, t exec.Task) bool
	ended chan struct{}
}

func (p *pinger) Run(l *exec.Local) {
	if p.left--; p.left == 0 {
		close(p.ended)
		return
	}
	next := p.to[p.left%2]
	if !p.send(next, p) {
		panic("refused by an empty inbox")
	}
}

// Two Execs that park whenever they can send one task to and fro. A wake that was
// lost would end it for good. This is the place of the full run's million rounds.
func TestPingPongBetweenExecsThatPark(t *testing.T) {
	rounds := sized(5_000, 80_000, 1_000_000)
	for name, send := range map[string]func(x *exec.Exec, t exec.Task) bool{
		"inbox":   (*exec.Exec).TrySend,
		"control": (*exec.Exec).TryControl,
	} {
		t.Run(name, func(t *testing.T) {
			watchdog(t, 5*time.Minute)
			p := &pinger{left: rounds, send: send, ended: make(chan struct{})}
			for i := range p.to {
				p.to[i] = begin(t, exec.Config{Spin: -1})
			}
			p.to[0].TrySend(p)
			<-p.ended
			ran := uint64(0)
			for _, x := range p.to {
				drain(t, x)
				ran += x.Stats().Tasks
				oneWakePerPark(t, x.Stats())
			}
			require.EqualValues(t, rounds, ran)
		})
	}
}

// oneWakePerPark: at most one wake call for each attempt to park. (An Exec that
// finds something in its second look has attempted to park, and was fair game,
// without having slept.)
func oneWakePerPark(t testing.TB, s exec.Stats) {
	t.Helper()
	require.LessOrEqual(t, s.WakesReceived, s.Membarriers+s.FencedParks)
	require.LessOrEqual(t, s.Parks, s.Membarriers+s.FencedParks)
}

func TestPingPongBetweenAGoroutineAndAnExecThatParks(t *testing.T) {
	rounds := sized(5_000, 40_000, 200_000)
	x, err := exec.New(exec.Config{Spin: -1})
	require.NoError(t, err)
	pong := make(chan int, 1)
	in, err := exec.NewInbox(x, exec.InboxConfig[int]{Cap: 4, Handle: func(_ *exec.Local, batch []int) int {
		for _, v := range batch {
			pong <- v
		}
		return len(batch)
	}})
	require.NoError(t, err)
	lane, err := in.Lane()
	require.NoError(t, err)
	startForTest(t, x)
	for name, send := range map[string]func(v int) bool{
		"TrySend":      in.TrySend,
		"TrySendBatch": func(v int) bool { return in.TrySendBatch([]int{v}) == 1 },
		"Send":         func(v int) bool { return in.Send(t.Context(), v) == nil },
		"Push":         lane.Push,
		"PushBatch":    func(v int) bool { return lane.PushBatch([]int{v}) == 1 },
		"Flush":        func(v int) bool { return lane.Stage(v) && lane.Flush() },
	} {
		t.Run(name, func(t *testing.T) {
			watchdog(t, 5*time.Minute)
			for i := range rounds / 6 {
				if !send(i) {
					t.Fatal("refused by an empty inbox")
				}
				if got := <-pong; got != i {
					t.Fatalf("%d came back as %d", i, got)
				}
			}
		})
	}
	drain(t, x)
	oneWakePerPark(t, x.Stats())
}
