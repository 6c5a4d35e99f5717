package exec_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// outbox is a flusher that stages values for a lane, as a Forwarder does.
type outbox struct {
	lane    *exec.Lane[int]
	flushes atomic.Int64
	pending atomic.Bool
}

func (o *outbox) Flush(*exec.Local) (pending bool) {
	o.flushes.Add(1)
	o.lane.Flush()
	return o.pending.Load()
}

// target is an Exec with a typed inbox that sums up what it is sent.
type target struct {
	x   *exec.Exec
	in  *exec.Inbox[int]
	sum atomic.Int64
}

func newTarget(t testing.TB, cfg exec.Config) *target {
	x, err := exec.New(cfg)
	require.NoError(t, err)
	s := &target{x: x}
	s.in, err = exec.NewInbox(x, exec.InboxConfig[int]{Handle: func(_ *exec.Local, batch []int) int {
		for _, v := range batch {
			s.sum.Add(int64(v))
		}
		return len(batch)
	}})
	require.NoError(t, err)
	return s
}

func (s *target) lane(t testing.TB) *exec.Lane[int] {
	lane, err := s.in.Lane()
	require.NoError(t, err)
	return lane
}

func TestFlusherIsCalledAtTheEndOfATurn(t *testing.T) {
	to := newTarget(t, exec.Config{})
	x := stepped(t, exec.Config{})
	box := &outbox{lane: to.lane(t)}
	inOneStep(t, x, func(l *exec.Local) { l.AddFlusher(box) })
	for i := range 3 {
		staged := 0
		stage := exec.Func(func(*exec.Local) {
			require.True(t, box.lane.Stage(1))
			staged++
			require.Equal(t, 2*i, box.lane.Len(), "what is staged is not sent yet")
		})
		x.TryControl(stage)
		x.TrySend(stage)
		x.Step()
		require.Equal(t, 2, staged)
		require.Equal(t, 2*(i+1), box.lane.Len(), "sent at the end of the turn")
	}
	require.EqualValues(t, 4, box.flushes.Load())
	x.Step()
	require.EqualValues(t, 5, box.flushes.Load(), "of an empty turn, too")
}

// Staged values reach the other Exec although their sender goes to sleep, or
// ends, right after.
func TestStagedIsSentBeforeAPark(t *testing.T) {
	to := newTarget(t, exec.Config{Spin: -1})
	startForTest(t, to.x)
	x := begin(t, exec.Config{Spin: -1})
	box := &outbox{lane: to.lane(t)}
	onLoop(t, x, func(l *exec.Local) { l.AddFlusher(box) })
	for i := range 1000 {
		require.True(t, x.TrySend(exec.Func(func(*exec.Local) { box.lane.Stage(1) })))
		eventually(t, "it was sent", func() bool { return to.sum.Load() == int64(i+1) })
	}
}

func TestStagedIsSentOnStop(t *testing.T) {
	for name, end := range map[string]func(x *exec.Exec){
		"Stop":  func(x *exec.Exec) { x.Stop(); _ = x.Wait() },
		"Drain": func(x *exec.Exec) { drain(t, x) },
	} {
		t.Run(name, func(t *testing.T) {
			to := newTarget(t, exec.Config{})
			box := &outbox{lane: to.lane(t)}
			x, err := exec.New(exec.Config{OnStop: func(*exec.Local) { require.True(t, box.lane.Stage(10)) }})
			require.NoError(t, err)
			require.NoError(t, x.Start())
			onLoop(t, x, func(l *exec.Local) {
				l.AddFlusher(box)
				box.lane.Stage(1)
				if name == "Stop" {
					x.Stop() // this turn is the last
				}
			})
			end(x)
			settle(to.x)
			require.EqualValues(t, 11, to.sum.Load(), "also what OnStop has staged")
		})
	}
}

// While a flusher cannot send, the Exec looks again and again, but it does not
// poll without pause; afterwards it sleeps as ever.
func TestPendingFlusherKeepsTheExecLooking(t *testing.T) {
	to := newTarget(t, exec.Config{})
	x := begin(t, exec.Config{Spin: -1})
	box := &outbox{lane: to.lane(t)}
	box.pending.Store(true)
	onLoop(t, x, func(l *exec.Local) { l.AddFlusher(box) })
	flushes := box.flushes.Load()
	eventually(t, "it looked a hundred times", func() bool { return box.flushes.Load() > flushes+100 })
	used := processorTime(t)
	time.Sleep(100 * time.Millisecond)
	require.Less(t, processorTime(t)-used, 70*time.Millisecond)
	box.pending.Store(false)
	var last uint64
	eventually(t, "it sleeps for good", func() bool {
		turns := x.Stats().Turns
		time.Sleep(5 * time.Millisecond)
		last = x.Stats().Turns
		return last == turns
	})
	flushes = box.flushes.Load()
	x.Wake()
	eventually(t, "it flushes when it is woken", func() bool { return box.flushes.Load() > flushes })
}
