package exec_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// mailbox is a source whose work comes from outside, unseen by the Exec.
type mailbox struct {
	polls  atomic.Int64
	budget atomic.Int64
	sent   atomic.Int64 // what the outside has put there
	taken  atomic.Int64 // what Poll has taken
	next   func() (time.Duration, bool)
}

func (m *mailbox) Poll(_ *exec.Local, budget int) int {
	m.polls.Add(1)
	m.budget.Store(int64(budget))
	n := min(m.sent.Load()-m.taken.Load(), int64(budget))
	m.taken.Add(n)
	return int(n)
}

func (m *mailbox) Next() (time.Duration, bool) {
	if m.next == nil {
		return 0, false
	}
	return m.next()
}

func TestSourceIsPolledOncePerTurn(t *testing.T) {
	x := stepped(t, exec.Config{Burst: 7})
	first, second := &mailbox{}, &mailbox{}
	inOneStep(t, x, func(l *exec.Local) { l.AddSource(first); l.AddSource(second) })
	require.EqualValues(t, 1, first.polls.Load(), "also in the turn that added it")
	first.sent.Store(20)
	for i, want := range []int64{7, 14, 20, 20} {
		x.TrySend(nop{})
		worked, _ := x.Step()
		require.True(t, worked)
		require.EqualValues(t, 7, first.budget.Load())
		require.EqualValues(t, 2+i, first.polls.Load())
		require.EqualValues(t, 2+i, second.polls.Load())
		require.Equal(t, want, first.taken.Load())
	}
	worked, _ := x.Step()
	require.False(t, worked, "a source that reports nothing done is no work")
	first.sent.Add(1)
	worked, _ = x.Step()
	require.True(t, worked)
}

// The turn's order: control, local tasks, inboxes, sources, timers, flushers.
func TestTurnOrder(t *testing.T) {
	now := time.Duration(0)
	x := stepped(t, exec.Config{Clock: func() time.Duration { return now }})
	var order []string
	say := func(s string) exec.Func { return func(*exec.Local) { order = append(order, s) } }
	in, err := exec.NewInbox(x, exec.InboxConfig[int]{Handle: func(_ *exec.Local, batch []int) int {
		order = append(order, "typed")
		return len(batch)
	}})
	require.NoError(t, err)
	inOneStep(t, x, func(l *exec.Local) {
		l.AddSource(pollFunc(func() { order = append(order, "source") }))
		l.AddFlusher(flushFunc(func() { order = append(order, "flusher") }))
		l.After(1, say("timer"))
	})
	x.TrySend(exec.Func(func(l *exec.Local) { l.Spawn(say("queue")) }))
	x.Step()
	order, now = nil, 1
	in.TrySend(1)
	x.TrySend(say("inbox"))
	x.TryControl(say("control"))
	x.Step()
	require.Equal(t, []string{"control", "queue", "inbox", "typed", "source", "timer", "flusher"}, order)
}

func TestStepReportsTheNextDeadline(t *testing.T) {
	now := time.Duration(100)
	x := stepped(t, exec.Config{Clock: func() time.Duration { return now }})
	deadline, ok := time.Duration(0), false
	src := &mailbox{next: func() (time.Duration, bool) { return deadline, ok }}
	var tm exec.Timer
	inOneStep(t, x, func(l *exec.Local) {
		l.AddSource(src)
		tm, _ = l.After(1000, nop{})
	})
	for _, tc := range []struct {
		deadline time.Duration
		ok       bool
		want     time.Duration
	}{{0, false, 1000}, {400, true, 300}, {2000, true, 1000}, {100, true, 0}, {50, true, 0}} {
		deadline, ok = tc.deadline, tc.ok
		_, next := x.Step()
		require.Equal(t, tc.want, next, "a source's deadline of %v", tc.deadline)
	}
	inOneStep(t, x, func(*exec.Local) { tm.Stop() })
	_, next := x.Step()
	require.Zero(t, next)
	ok = false
	_, next = x.Step()
	require.Equal(t, exec.Never, next)
}

// A parked Exec is up again for a source's deadline, without anybody's help.
func TestSourceDeadlineEndsAPark(t *testing.T) {
	x := begin(t, exec.Config{Spin: -1})
	var deadline atomic.Int64
	src := &mailbox{next: func() (time.Duration, bool) { return time.Duration(deadline.Load()), true }}
	polled := make(chan time.Duration, 1)
	onLoop(t, x, func(l *exec.Local) {
		deadline.Store(int64(l.Now() + 20*time.Millisecond))
		l.AddSource(src)
		l.AddSource(pollFunc(func() {
			if now := l.Now(); now >= time.Duration(deadline.Load()) {
				select {
				case polled <- now - time.Duration(deadline.Load()):
				default:
				}
				deadline.Store(int64(now + time.Hour))
			}
		}))
	})
	select {
	case late := <-polled:
		require.Less(t, late, time.Second)
	case <-time.After(10 * time.Second):
		t.Fatal("it slept through the deadline of a source")
	}
	require.Less(t, x.Stats().Turns, uint64(50), "it did sleep until then")
	require.LessOrEqual(t, x.Stats().WakesReceived, uint64(1), "for the task that added the sources")
}

// Wake makes a parked Exec look at its sources.
func TestWakeEndsAPark(t *testing.T) {
	x := begin(t, exec.Config{Spin: -1})
	src := &mailbox{}
	onLoop(t, x, func(l *exec.Local) { l.AddSource(src) })
	for i := range 100 {
		parks := x.Stats().Parks
		if i%2 == 0 {
			eventually(t, "parked", func() bool { s := x.Stats(); return s.Parks > 0 && s.Parks >= parks })
		}
		src.sent.Add(1)
		x.Wake()
		eventually(t, "the source was polled", func() bool { return src.taken.Load() == src.sent.Load() })
	}
}

// afterthought is a source that is sent something, and its Exec woken, right
// after it was polled in vain.
type afterthought struct{ armed, sent, taken atomic.Bool }

func (a *afterthought) Poll(l *exec.Local, _ int) int {
	if a.sent.Load() {
		a.taken.Store(true)
	}
	if a.armed.Swap(false) {
		a.sent.Store(true)
		l.Exec().Wake()
	}
	return 0
}

func (a *afterthought) Next() (_ time.Duration, _ bool) { return 0, false }

func TestWakeInAnEmptyTurnIsNotLost(t *testing.T) {
	x := begin(t, exec.Config{Spin: -1})
	var src afterthought
	var parks uint64
	onLoop(t, x, func(l *exec.Local) { l.AddSource(&src); parks = x.Stats().Parks })
	eventually(t, "it parked", func() bool { return x.Stats().Parks > parks })
	src.armed.Store(true)
	x.Wake()
	eventually(t, "it was polled again", src.taken.Load)
}

// A Wake is sticky: one that comes while the Exec is on its way to sleep, in
// particular right after the source was polled in vain, is not lost.
func TestWakeJustBeforeAParkIsNotLost(t *testing.T) {
	twoProcessors(t)
	rounds := int64(sized(20_000, 200_000, 2_000_000))
	x := begin(t, exec.Config{Spin: -1})
	src := &mailbox{}
	onLoop(t, x, func(l *exec.Local) { l.AddSource(src) })
	for i := range rounds {
		src.sent.Add(1)
		x.Wake()
		for deadline := time.Now().Add(10 * time.Second); src.taken.Load() <= i; {
			if time.Now().After(deadline) {
				t.Fatalf("round %d: the Wake was lost", i)
			}
		}
	}
}
