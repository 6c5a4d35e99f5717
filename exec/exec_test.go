package exec_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// begin starts an Exec that is stopped when the test ends.
func begin(t testing.TB, cfg exec.Config) *exec.Exec {
	x, err := exec.New(cfg)
	require.NoError(t, err)
	require.NoError(t, x.Start())
	t.Cleanup(func() {
		x.Stop()
		require.NoError(t, x.Wait())
	})
	return x
}

// drain drains an Exec within a generous time.
func drain(t testing.TB, x *exec.Exec) []exec.Task {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	undone, err := x.Drain(ctx)
	require.NoError(t, err)
	return undone
}

// eventually waits for a condition that another goroutine brings about.
func eventually(t testing.TB, what string, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !cond(); {
		if time.Now().After(deadline) {
			t.Fatalf("never came true: %s", what)
		}
		time.Sleep(50 * time.Microsecond)
	}
}

// onLoop runs f on x's loop and waits for it.
func onLoop(t testing.TB, x *exec.Exec, f func(l *exec.Local)) {
	t.Helper()
	done := make(chan struct{})
	require.True(t, x.TrySend(exec.Func(func(l *exec.Local) {
		defer close(done)
		f(l)
	})))
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("the loop did not run the task")
	}
}

var allSpins = map[string]time.Duration{"park at once": -1, "default": 0, "never park": exec.SpinForever}

func TestTasksRunOnceAndInOrder(t *testing.T) {
	for name, spin := range allSpins {
		t.Run(name, func(t *testing.T) {
			x := begin(t, exec.Config{Spin: spin, InboxCap: 64})
			var got []int
			const n = 5000
			for i := range n {
				require.NoError(t, x.Send(context.Background(), exec.Func(func(*exec.Local) { got = append(got, i) })))
			}
			require.Empty(t, drain(t, x))
			require.Len(t, got, n)
			for i, v := range got {
				require.Equal(t, i, v)
			}
			s := x.Stats()
			require.EqualValues(t, n, s.Tasks)
			require.EqualValues(t, n, s.Executed())
			require.Zero(t, s.Depth)
		})
	}
}

func TestSpawnRunsAfterWhatIsQueued(t *testing.T) {
	x, err := exec.New(exec.Config{})
	require.NoError(t, err)
	var order []string
	say := func(s string, then ...exec.Task) exec.Task {
		return exec.Func(func(l *exec.Local) {
			order = append(order, s)
			for _, t := range then {
				l.Spawn(t)
			}
		})
	}
	require.True(t, x.TrySend(say("a", say("a1"), say("a2"))))
	require.True(t, x.TrySend(say("b", say("b1"))))
	for worked := true; worked; {
		worked, _ = x.Step()
	}
	require.Equal(t, []string{"a", "b", "a1", "a2", "b1"}, order)
}

func TestControlComesFirst(t *testing.T) {
	x, err := exec.New(exec.Config{})
	require.NoError(t, err)
	var order []string
	for range 3 {
		x.TrySend(exec.Func(func(*exec.Local) { order = append(order, "data") }))
	}
	x.TryControl(exec.Func(func(*exec.Local) { order = append(order, "control") }))
	x.Step()
	require.Equal(t, []string{"control", "data", "data", "data"}, order)
}

// A running task owns a slot: with the queue full, re-posting itself never fails,
// and a second spawn does.
func TestRepostNeverFails(t *testing.T) {
	x, err := exec.New(exec.Config{LocalCap: 2, LocalBudget: 10})
	require.NoError(t, err)
	runs := 0
	var self exec.Func
	self = func(l *exec.Local) {
		runs++
		require.True(t, l.Spawn(self))
	}
	x.TrySend(exec.Func(func(l *exec.Local) {
		require.True(t, l.Spawn(self))
		require.True(t, l.Spawn(self))
		require.True(t, l.Spawn(self), "the running task's own slot")
		require.False(t, l.Spawn(self), "the queue is full and the slot is used")
	}))
	remote := 0
	for range 10 {
		x.Step()
	}
	require.Equal(t, 90, runs) // the first turn ran the sender only
	require.EqualValues(t, 1, x.Stats().Rejects)
	// Three tasks that never end fill the queue: a remote task waits for a slot...
	x.TrySend(exec.Func(func(*exec.Local) { remote++ }))
	x.Step()
	require.Zero(t, remote)
	// ... and a control task does not.
	x.TryControl(exec.Func(func(*exec.Local) { remote++ }))
	x.Step()
	require.Equal(t, 1, remote)
}

// lonely ran its own queue until empty: one task that re-posts itself starved the
// inbox for ever. Here it delays a remote task by one turn at most.
func TestSelfRepostingTaskDoesNotStarveTheInbox(t *testing.T) {
	x, err := exec.New(exec.Config{LocalBudget: 16})
	require.NoError(t, err)
	var self exec.Func
	runs := 0
	self = func(l *exec.Local) { runs++; l.Spawn(self) }
	x.TrySend(self)
	x.Step()
	x.Step()
	before, ran := runs, -1
	x.TrySend(exec.Func(func(*exec.Local) { ran = runs }))
	x.Step()
	require.Equal(t, before+16, ran, "one budget of local runs before the remote task")
}

// A saturated inbox starves neither timers nor local work.
func TestSaturatedInboxStarvesNobody(t *testing.T) {
	now := time.Duration(0)
	x, err := exec.New(exec.Config{Burst: 8, InboxCap: 1024, Clock: func() time.Duration { return now }})
	require.NoError(t, err)
	local, timer, remote := 0, 0, 0
	x.TrySend(exec.Func(func(l *exec.Local) {
		l.Spawn(exec.Func(func(*exec.Local) { local++ }))
		l.After(time.Millisecond, exec.Func(func(*exec.Local) { timer++ }))
	}))
	x.Step()
	for range 1000 {
		x.TrySend(exec.Func(func(*exec.Local) { remote++ }))
	}
	now = 2 * time.Millisecond
	x.Step()
	require.Equal(t, []int{1, 1, 8}, []int{local, timer, remote})
}

func TestStepWithAFakeClock(t *testing.T) {
	now := time.Duration(0)
	x, err := exec.New(exec.Config{Clock: func() time.Duration { return now }})
	require.NoError(t, err)
	worked, next := x.Step()
	require.False(t, worked)
	require.Equal(t, exec.Never, next)
	fired := 0
	x.TrySend(exec.Func(func(l *exec.Local) {
		_, ok := l.After(10*time.Millisecond, exec.Func(func(*exec.Local) { fired++ }))
		require.True(t, ok)
	}))
	worked, next = x.Step()
	require.True(t, worked)
	require.Equal(t, 10*time.Millisecond, next)
	now = 10*time.Millisecond - 1
	worked, next = x.Step()
	require.False(t, worked)
	require.EqualValues(t, 1, next)
	now++
	worked, next = x.Step()
	require.True(t, worked)
	require.Equal(t, 1, fired)
	require.Equal(t, exec.Never, next)
	before := runtime.NumGoroutine()
	for range 100 {
		x.Step()
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), before, "Step needs no goroutine")
}

func TestIdleExecParksAndWakes(t *testing.T) {
	x := begin(t, exec.Config{Spin: -1})
	eventually(t, "parked", func() bool { return x.Stats().Parks > 0 })
	var ran atomic.Bool
	require.True(t, x.TrySend(exec.Func(func(*exec.Local) { ran.Store(true) })))
	eventually(t, "the task ran", ran.Load)
	require.Positive(t, x.Stats().WakesReceived)
	require.Positive(t, x.Stats().Membarriers)
}

func TestParkedExecWakesForItsTimer(t *testing.T) {
	x := begin(t, exec.Config{Spin: -1})
	const d = 20 * time.Millisecond
	var start time.Time
	late := make(chan time.Duration, 1)
	onLoop(t, x, func(l *exec.Local) {
		start = time.Now()
		l.After(d, exec.Func(func(*exec.Local) { late <- time.Since(start) - d }))
	})
	got := <-late
	require.GreaterOrEqual(t, got, time.Duration(0), "a timer fired early")
	require.Less(t, got, time.Second)
}
