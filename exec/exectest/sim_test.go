package exectest_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/exectest"
)

func TestClock(t *testing.T) {
	var c exectest.Clock
	require.Zero(t, c.Now())
	c.Advance(time.Second)
	c.Advance(0)
	require.Equal(t, time.Second, c.Now())
	require.PanicsWithValue(t, "exectest: Clock.Advance of -1ns: a clock does not go back", func() { c.Advance(-1) })
	c.Advance(math.MaxInt64)
	require.Equal(t, time.Duration(math.MaxInt64), c.Now())
}

func TestConfigIsChecked(t *testing.T) {
	for says, cfg := range map[string]exectest.Config{
		"Config.FullRate is 1:":    {FullRate: 1},
		"Config.FullRate is -0.5:": {FullRate: -0.5},
		"Config.FullRate is NaN:":  {FullRate: math.NaN()},
		"Config.WakeDelay is -1:":  {WakeDelay: -1},
		"Config.TurnTime is -1ns:": {TurnTime: -1},
		"Config.MaxSteps is -2:":   {MaxSteps: -2},
	} {
		_, err := exectest.New(cfg)
		require.ErrorContains(t, err, says)
	}
	_, err := newSim(t, exectest.Config{}).Exec(exec.Config{LocalCap: -1})
	require.ErrorContains(t, err, "LocalCap")
}

func TestTimeJumpsToTheNextDeadline(t *testing.T) {
	s := newSim(t, exectest.Config{Seed: 3})
	var fired []time.Duration
	for _, d := range []time.Duration{time.Hour, time.Second, time.Minute} {
		x := newExec(t, s, exec.Config{})
		onLoop(x, func(l *exec.Local) {
			l.After(d, exec.Func(func(l *exec.Local) { fired = append(fired, l.Now()) }))
		})
	}
	require.NoError(t, s.Quiet())
	require.Empty(t, fired)
	require.Zero(t, s.Clock().Now(), "Quiet does not wait for timers")
	require.NoError(t, s.Settle())
	require.Equal(t, []time.Duration{time.Second, time.Minute, time.Hour}, fired)
	require.False(t, s.Step())
	require.NoError(t, s.Err())
	require.EqualValues(t, 3, s.Seed())

	// The caller may advance the clock, too.
	x := newExec(t, s, exec.Config{})
	onLoop(x, func(l *exec.Local) { l.After(time.Second, nop) })
	require.NoError(t, s.Quiet())
	s.Clock().Advance(time.Minute)
	require.NoError(t, s.Quiet())
	require.Zero(t, x.Stats().Timers, "nobody has noticed yet")
	require.True(t, s.Step())
	require.EqualValues(t, 1, x.Stats().Timers)
}

func TestTurnsTakeTime(t *testing.T) {
	s := newSim(t, exectest.Config{TurnTime: time.Millisecond})
	x := newExec(t, s, exec.Config{})
	fired := false
	onLoop(x, func(l *exec.Local) {
		l.After(100*time.Millisecond, exec.Func(func(*exec.Local) { fired = true }))
		var again exec.Func
		again = func(l *exec.Local) { l.Spawn(again) }
		l.Spawn(again)
	})
	require.NoError(t, s.Run(func() bool { return fired }), "a timer beside work that never ends")
	require.GreaterOrEqual(t, s.Steps(), uint64(100))
	require.Less(t, s.Steps(), uint64(1000))
}

func TestErrorsNameTheSeed(t *testing.T) {
	s := newSim(t, exectest.Config{Seed: 17, MaxSteps: 50})
	x := newExec(t, s, exec.Config{Name: "busy"})
	require.NoError(t, s.Settle())
	err := s.Run(func() bool { return false })
	require.ErrorIs(t, err, exectest.ErrAsleep)
	require.ErrorContains(t, err, "exectest: seed 17: step 1, 0s: all asleep for ever: ")
	require.ErrorContains(t, err, "busy: asleep for ever, 0 waiting")

	var again exec.Func
	again = func(l *exec.Local) { l.Spawn(again) }
	x.TrySend(again)
	for _, f := range []func() error{s.Settle, s.Quiet, func() error { return s.Run(func() bool { return false }) }} {
		err = f()
		require.ErrorIs(t, err, exectest.ErrNoProgress)
		require.ErrorContains(t, err, "seed 17")
		require.ErrorContains(t, err, "50 steps were taken, the limit of Config.MaxSteps")
		require.ErrorContains(t, err, "busy: awake, 1 waiting")
	}
	require.NoError(t, s.Err(), "it may go on")
	undone, err := s.Drain()
	require.ErrorIs(t, err, exectest.ErrNoProgress)
	require.Len(t, undone, 1)
	require.NoError(t, s.Settle(), "nobody is left")
}

// A handler that holds back keeps an Exec from being quiet, and time passes.
func TestHeldBackIsNotQuiet(t *testing.T) {
	s := newSim(t, exectest.Config{Seed: 1})
	x := newExec(t, s, exec.Config{})
	var in *exec.Inbox[int]
	in, err := exec.NewInbox(x, exec.InboxConfig[int]{Handle: func(l *exec.Local, batch []int) int {
		if l.Now() < time.Millisecond {
			return 0
		}
		return len(batch)
	}})
	require.NoError(t, err)
	in.TrySend(1)
	require.NoError(t, s.Quiet())
	require.Zero(t, in.Len())
	require.GreaterOrEqual(t, s.Clock().Now(), time.Millisecond)
}

func TestDrainReturnsTimers(t *testing.T) {
	s := newSim(t, exectest.Config{Seed: 1, FullRate: 0.5, WakeDelay: 5})
	ran := 0
	for range 3 {
		x := newExec(t, s, exec.Config{})
		onLoop(x, func(l *exec.Local) {
			l.After(time.Hour, nop)
			l.Spawn(exec.Func(func(*exec.Local) { ran++ }))
		})
	}
	undone, err := s.Drain()
	require.NoError(t, err)
	require.Len(t, undone, 3)
	require.Equal(t, 3, ran)
	require.False(t, s.Step())
}

// Execs that have ended are no longer part of it; new ones may come at any time.
func TestExecsComeAndGo(t *testing.T) {
	s := newSim(t, exectest.Config{Seed: 5, WakeDelay: 3})
	x := newExec(t, s, exec.Config{})
	s.Add(x, x)
	require.Equal(t, "exec/0", x.Name())
	require.NoError(t, s.Settle())
	x.TrySend(nop)
	x.Stop()
	require.NoError(t, s.Settle())
	require.Zero(t, x.Stats().Tasks)

	y := newExec(t, s, exec.Config{})
	require.Equal(t, "exec/1", y.Name())
	y.TrySend(exec.Func(func(*exec.Local) { y.Stop() }))
	require.NoError(t, s.Settle())
	require.True(t, y.Ended())

	// One that was made with Config and is stepped by somebody else.
	z, err := exec.New(s.Config(exec.Config{}))
	require.NoError(t, err)
	for range 3 {
		z.TrySend(nop)
		z.Step()
		z.Step()
	}
	require.EqualValues(t, 3, z.Stats().Tasks)
	require.NoError(t, s.Settle())
}

// A wake that is held back arrives within WakeDelay steps, and at once if nobody else
// is awake.
func TestWakeDelay(t *testing.T) {
	const delay = 10
	var most uint64
	for seed := range uint64(100) {
		s := newSim(t, exectest.Config{Seed: seed, WakeDelay: delay})
		x, busy := newExec(t, s, exec.Config{}), newExec(t, s, exec.Config{})
		require.NoError(t, s.Settle())
		ran := false
		x.TrySend(exec.Func(func(*exec.Local) { ran = true }))
		require.NoError(t, s.Run(func() bool { return ran }))
		require.EqualValues(t, 3, s.Steps(), "nobody else is awake")
		require.NoError(t, s.Settle())

		var again exec.Func
		again = func(l *exec.Local) { l.Spawn(again) }
		busy.TrySend(again)
		for range 2 * delay {
			s.Step()
		}
		ran = false
		from := s.Steps()
		x.TrySend(exec.Func(func(*exec.Local) { ran = true }))
		require.NoError(t, s.Run(func() bool { return ran }))
		most = max(most, s.Steps()-from)
	}
	require.Greater(t, most, uint64(delay))
}

// A panic that nobody handles goes to whoever steps.
func TestPanicsReachTheCaller(t *testing.T) {
	s := newSim(t, exectest.Config{Seed: 1})
	x := newExec(t, s, exec.Config{})
	broken := errors.New("broken")
	x.TrySend(exec.Func(func(*exec.Local) { panic(broken) }))
	require.PanicsWithValue(t, broken, func() { _ = s.Settle() })
}
