package exec_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// repeat is how many operations each measured step does: one allocation among
// them would be hidden by none of the rounding of AllocsPerRun.
const repeat = 64

// perStep returns how many allocations f and a step of x make, beyond those of a
// step that finds nothing to do (Step takes the loop, a started Exec has it).
func perStep(x *exec.Exec, f func()) float64 {
	empty := testing.AllocsPerRun(100, func() { x.Step() })
	return testing.AllocsPerRun(100, func() { f(); x.Step() }) - empty
}

// onEveryStep runs a fixed piece of code on the loop.
type onEveryStep struct{ f func(l *exec.Local) }

func (o *onEveryStep) Poll(l *exec.Local, _ int) int   { o.f(l); return 1 }
func (o *onEveryStep) Next() (_ time.Duration, _ bool) { return 0, false }

// perTurn is perStep of code that runs on the loop.
func perTurn(t *testing.T, x *exec.Exec, f func(l *exec.Local)) float64 {
	src := &onEveryStep{func(*exec.Local) {}}
	inOneStep(t, x, func(l *exec.Local) { l.AddSource(src) })
	empty := testing.AllocsPerRun(100, func() { x.Step() })
	src.f = f
	return testing.AllocsPerRun(100, func() { x.Step() }) - empty
}

func TestNoAllocations(t *testing.T) {
	cfg := exec.Config{LocalBudget: 10 * repeat, Burst: 10 * repeat, InboxCap: 10 * repeat, ControlCap: repeat}

	t.Run("spawn and run", func(t *testing.T) {
		x, runs := stepped(t, cfg), 0
		task := &counting{&runs}
		require.Zero(t, perTurn(t, x, func(l *exec.Local) {
			for range repeat {
				l.Spawn(task)
			}
		}))
		require.Greater(t, runs, 100*repeat-1)
	})
	t.Run("re-post", func(t *testing.T) {
		x := stepped(t, cfg)
		require.Zero(t, perStep(x, func() { x.TrySend(&endless) }))
		before := x.Stats().Tasks
		x.Step()
		require.EqualValues(t, cfg.LocalBudget, x.Stats().Tasks-before)
	})
	t.Run("TrySend, with OnPanic set", func(t *testing.T) {
		with := cfg
		with.OnPanic = func(exec.Panic) {}
		for _, cfg := range []exec.Config{cfg, with} {
			x, runs := stepped(t, cfg), 0
			task := &counting{&runs}
			require.Zero(t, perStep(x, func() {
				for range repeat {
					x.TrySend(task)
				}
			}))
			require.Greater(t, runs, 100*repeat-1)
		}
	})
	t.Run("TrySend, refused", func(t *testing.T) {
		x := stepped(t, exec.Config{InboxCap: 1})
		x.TrySend(nop{})
		require.Zero(t, testing.AllocsPerRun(100, func() { x.TrySend(nop{}) }))
	})
	t.Run("TryControl", func(t *testing.T) {
		x, runs := stepped(t, cfg), 0
		task := &counting{&runs}
		require.Zero(t, perStep(x, func() {
			for range 16 { // fewer than a turn's budget of them
				x.TryControl(task)
			}
		}))
		require.Greater(t, runs, 100*16-1)
	})
	t.Run("timers", func(t *testing.T) {
		now := time.Duration(0)
		cfg := cfg
		cfg.Clock = func() time.Duration { return now }
		x, runs := stepped(t, cfg), 0
		task := &counting{&runs}
		require.Zero(t, perTurn(t, x, func(l *exec.Local) {
			now += time.Millisecond
			for i := range repeat / 2 {
				l.After(time.Duration(i)*time.Microsecond, task)
				tm, _ := l.After(time.Hour, task)
				tm.Stop()
				tm, _ = l.After(time.Hour, task)
				tm.Stop()
			}
		}))
		require.Positive(t, runs)
	})
	t.Run("timers that are moved, and periodic ones", func(t *testing.T) {
		now := time.Duration(0)
		cfg := cfg
		cfg.Clock = func() time.Duration { return now }
		x, runs := stepped(t, cfg), 0
		task := &counting{&runs}
		var moved, ticks exec.Timer
		inOneStep(t, x, func(l *exec.Local) {
			moved, _ = l.After(time.Hour, task)
			ticks, _ = l.Every(time.Microsecond, task)
		})
		require.Zero(t, perTurn(t, x, func(l *exec.Local) {
			now += time.Millisecond
			for i := range repeat {
				moved.Reset(time.Duration(i) * time.Hour)
				ticks.Reset(time.Microsecond)
				tm, _ := l.Every(time.Hour, task)
				tm.Stop()
				tm, _ = l.At(now+time.Hour, task)
				tm.Stop()
			}
			ticks.Reset(0)
		}))
		require.Greater(t, runs, 100)
	})
	t.Run("Stats", func(t *testing.T) {
		x := stepped(t, cfg)
		require.Zero(t, perStep(x, func() { x.Stats() }))
	})
	t.Run("Wake", func(t *testing.T) {
		x := stepped(t, cfg)
		require.Zero(t, perStep(x, x.Wake))
	})
}

func TestNoAllocationsForValues(t *testing.T) {
	var items int
	x := stepped(t, exec.Config{Burst: 10 * repeat})
	in, err := exec.NewInbox(x, exec.InboxConfig[message]{Handle: func(_ *exec.Local, batch []message) int {
		items += len(batch)
		return len(batch)
	}})
	require.NoError(t, err)
	lane, err := in.Lane()
	require.NoError(t, err)
	x.Step() // takes note of the lane
	vs := make([]message, repeat)
	for name, send := range map[string]func(){
		"TrySend":      func() { each(func() { in.TrySend(message{}) }) },
		"TrySendBatch": func() { in.TrySendBatch(vs) },
		"Push":         func() { each(func() { lane.Push(message{}) }) },
		"PushBatch":    func() { lane.PushBatch(vs) },
		"Stage, Flush": func() { each(func() { lane.Stage(message{}) }); lane.Flush() },
	} {
		t.Run(name, func(t *testing.T) {
			items = 0
			require.Zero(t, perStep(x, send))
			require.GreaterOrEqual(t, items, 100*repeat)
		})
	}
}

// Neither does an inbox with a MaxWait allocate, whether its items are handled or expire.
func TestNoAllocationsForMaxWait(t *testing.T) {
	for _, late := range []bool{false, true} {
		var items int
		now := time.Duration(0)
		x := stepped(t, exec.Config{Burst: 10 * repeat, Clock: func() time.Duration { return now }})
		in, err := exec.NewInbox(x, exec.InboxConfig[*message]{MaxWait: time.Second, Handle: func(_ *exec.Local, batch []*message) int {
			items += len(batch)
			return len(batch)
		}, OnExpired: func(_ *exec.Local, batch []*message) { items += len(batch) }})
		require.NoError(t, err)
		lane, err := in.Lane()
		require.NoError(t, err)
		x.Step() // takes note of the lane
		v, vs := &message{}, make([]*message, repeat)
		for name, send := range map[string]func(){
			"TrySend":      func() { each(func() { in.TrySend(v) }) },
			"TrySendBatch": func() { in.TrySendBatch(vs) },
			"Push":         func() { each(func() { lane.Push(v) }) },
			"PushBatch":    func() { lane.PushBatch(vs) },
			"Stage, Flush": func() { each(func() { lane.Stage(v) }); lane.Flush() },
		} {
			t.Run(name, func(t *testing.T) {
				if raced && name == "TrySendBatch" {
					t.Skip("the race detector makes a sync.Pool forget")
				}
				items = 0
				require.Zero(t, perStep(x, func() {
					send()
					if late {
						now += time.Minute
					}
				}))
				require.GreaterOrEqual(t, items, 100*repeat)
			})
		}
	}
}

// A started Exec that is woken from a park for every task allocates nothing
// either: this is the one path that Step does not go.
func TestNoAllocationsForParkAndWake(t *testing.T) {
	if raced || !sleepsOnTheWord {
		t.Skip("parking by channel, and the race detector, allocate")
	}
	x := begin(t, exec.Config{Spin: -1, StallAfter: -1})
	ran := make(chan struct{}, 1)
	task := &signalling{ran}
	require.Zero(t, testing.AllocsPerRun(200, func() {
		for range 4 {
			x.TrySend(task)
			<-ran
		}
	}))
	require.Positive(t, x.Stats().Parks)
}

type message [2]uint64

func each(f func()) {
	for range repeat {
		f()
	}
}

type counting struct{ n *int }

func (c *counting) Run(*exec.Local) { *c.n++ }

type signalling struct{ ch chan struct{} }

func (s *signalling) Run(*exec.Local) { s.ch <- struct{}{} }

var endless = reposter{math.MaxInt}
