package exec_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// logTask notes the time at which it runs.
func logTask(at *[]time.Duration) exec.Task {
	return exec.Func(func(l *exec.Local) { *at = append(*at, l.Now()) })
}

// stepTo steps x at each of these times.
func stepTo(x *exec.Exec, now *time.Duration, times ...time.Duration) {
	for _, *now = range times {
		x.Step()
	}
}

func TestAt(t *testing.T) {
	x, now := faked(t, exec.Config{})
	*now = 100
	var at []time.Duration
	inOneStep(t, x, func(l *exec.Local) {
		for _, when := range []time.Duration{150, 149, -1 << 62, 100, 0, 99, 101} {
			_, ok := l.At(when, logTask(&at))
			require.True(t, ok)
		}
	})
	require.Len(t, at, 4, "those that have passed, in the next turn of the timers: the same one")
	stepTo(x, now, 101, 148, 149, 200)
	require.Equal(t, []time.Duration{100, 100, 100, 100, 101, 149, 200}, at)

	// Armed in a timer's task, what has passed waits for the next turn.
	at = nil
	inOneStep(t, x, func(l *exec.Local) {
		l.At(300, exec.Func(func(l *exec.Local) { l.At(5, logTask(&at)); l.At(300, logTask(&at)) }))
	})
	stepTo(x, now, 400)
	require.Empty(t, at)
	_, next := x.Step()
	require.Len(t, at, 2)
	require.Equal(t, exec.Never, next)
}

func TestEvery(t *testing.T) {
	x, now := faked(t, exec.Config{})
	var at []time.Duration
	*now = 3
	inOneStep(t, x, func(l *exec.Local) { l.Every(10, logTask(&at)) })
	_, next := x.Step()
	require.EqualValues(t, 10, next)
	stepTo(x, now, 12, 13, 22, 24, 33)
	require.Equal(t, []time.Duration{13, 24, 33}, at)
	// Missed ticks are one, and the phase stays.
	at = nil
	stepTo(x, now, 75, 75, 82, 83, 93, 93, 102, 1e18+3, 1e18+3, 1e18+13)
	require.Equal(t, []time.Duration{75, 83, 93, 1e18 + 3, 1e18 + 13}, at)
	s := x.Stats()
	require.EqualValues(t, []uint64{9, 8}, []uint64{s.Spawned, s.Timers})
	require.Len(t, drain(t, x), 1)
	settled(t, 1+9, x.Stats())
}

func TestEveryNeedsAPeriod(t *testing.T) {
	x, _ := faked(t, exec.Config{})
	inOneStep(t, x, func(l *exec.Local) {
		require.PanicsWithValue(t, "exec: Every with a period of -1s: it must be positive", func() { l.Every(-time.Second, nop{}) })
		require.PanicsWithValue(t, "exec: Every with a period of 0s: it must be positive", func() { l.Every(0, nop{}) })
		for _, f := range []func(){func() { l.Every(1, nil) }, func() { l.After(1, nil) }, func() { l.At(1, nil) }} {
			require.Panics(t, f)
		}
	})
	require.Empty(t, drain(t, x))
}

func TestEveryInItsOwnTask(t *testing.T) {
	for name, tc := range map[string]struct {
		do    func(tm exec.Timer) bool
		after bool // it is armed then
		want  []time.Duration
	}{
		"stop":            {exec.Timer.Stop, false, []time.Duration{10}},
		"reset":           {func(tm exec.Timer) bool { return tm.Reset(3) }, true, []time.Duration{10, 13, 16, 19, 22, 25, 28}},
		"reset to now":    {func(tm exec.Timer) bool { return tm.Reset(-1) }, true, []time.Duration{10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30}},
		"stop twice":      {func(tm exec.Timer) bool { return tm.Stop() && !tm.Stop() && !tm.Reset(1) }, false, []time.Duration{10}},
		"reset, and stop": {func(tm exec.Timer) bool { return tm.Reset(1) && tm.Stop() }, false, []time.Duration{10}},
		"leave it":        {func(exec.Timer) bool { return true }, true, []time.Duration{10, 20, 30}},
	} {
		t.Run(name, func(t *testing.T) {
			x, now := faked(t, exec.Config{})
			var tm exec.Timer
			var at []time.Duration
			inOneStep(t, x, func(l *exec.Local) {
				tm, _ = l.Every(10, exec.Func(func(l *exec.Local) {
					at = append(at, l.Now())
					require.True(t, tm.Armed())
					require.True(t, tc.do(tm))
					require.Equal(t, tc.after, tm.Armed())
				}))
			})
			for *now = 1; *now <= 30; *now++ {
				x.Step()
			}
			require.Equal(t, tc.want, at)
			require.Len(t, drain(t, x), map[bool]int{true: 1}[tc.after])
			settled(t, 1+int(x.Stats().Spawned), x.Stats())
		})
	}
}

// A panic fails the run that it happens in; the timer ticks on.
func TestEverySurvivesAPanic(t *testing.T) {
	var seen reports
	x, now := faked(t, exec.Config{OnPanic: seen.add})
	inOneStep(t, x, func(l *exec.Local) { l.Every(10, boom("tick")) })
	stepTo(x, now, 10, 20, 25, 30)
	require.Len(t, seen, 3)
	require.Equal(t, exec.Task(boom("tick")), seen[0].Task)
	require.Len(t, drain(t, x), 1)
	s := x.Stats()
	require.EqualValues(t, []uint64{4, 3, 1}, []uint64{s.Spawned, s.TasksFailed, s.Returned})
	settled(t, 1+4, s)
}

func TestResetATimer(t *testing.T) {
	x, now := faked(t, exec.Config{MaxTimers: 4})
	var first, second, ticks []time.Duration
	var a, b, c exec.Timer
	inOneStep(t, x, func(l *exec.Local) {
		a, _ = l.After(10, logTask(&first))
		b, _ = l.After(20, logTask(&second))
		c, _ = l.Every(7, logTask(&ticks))
		require.True(t, a.Reset(1<<50))
		require.True(t, b.Reset(5), "also to an earlier time")
		require.True(t, a.Armed() && b.Armed())
		require.False(t, exec.Timer{}.Reset(1))
		require.False(t, exec.Timer{}.Armed())
	})
	_, next := x.Step()
	require.EqualValues(t, 5, next)
	stepTo(x, now, 4, 5, 6, 7, 10)
	require.Equal(t, []time.Duration{5}, second)
	inOneStep(t, x, func(l *exec.Local) {
		require.True(t, c.Reset(2)) // at 10: ticks at 12, 19, ...
		require.False(t, b.Reset(5), "it has fired")
		require.False(t, b.Armed())
		require.True(t, a.Reset(-1), "the next turn")
	})
	require.Equal(t, []time.Duration{10}, first, "of the timers, which is the same one")
	stepTo(x, now, 11, 12, 18, 19)
	require.Equal(t, []time.Duration{7, 12, 19}, ticks)
	inOneStep(t, x, func(l *exec.Local) {
		require.True(t, c.Stop())
		require.False(t, c.Reset(1), "it was stopped")
		for range 4 {
			tm, ok := l.After(1<<40, nop{})
			require.True(t, ok, "what was moved takes one place")
			require.True(t, tm.Reset(1))
		}
		_, ok := l.Every(1, nop{})
		require.False(t, ok)
		_, ok = l.At(1, nop{})
		require.False(t, ok)
	})
	require.EqualValues(t, 2, x.Stats().Rejects)
}

// A timer that others move ahead again and again never fires, however many turns
// pass: a watchdog. What is reset goes behind those with the same deadline.
func TestResetGoesToTheBack(t *testing.T) {
	x, now := faked(t, exec.Config{})
	var got []string
	var a exec.Timer
	inOneStep(t, x, func(l *exec.Local) {
		name := func(s string) exec.Task { return exec.Func(func(*exec.Local) { got = append(got, s) }) }
		a, _ = l.After(100, name("a"))
		l.After(100, name("b"))
		l.After(1000, name("c"))
		require.True(t, a.Reset(100))
		l.Every(10, exec.Func(func(l *exec.Local) {
			if l.Now() < 900 {
				a.Reset(100)
			}
		}))
	})
	for *now = 1; *now <= 1000; *now++ {
		x.Step()
	}
	require.Equal(t, []string{"b", "a", "c"}, got)
}

// A timer that is due again whenever it has run does not keep a drain from
// ending.
func TestDrainWithABusyTimer(t *testing.T) {
	watchdog(t, 30*time.Second)
	slow := func() {
		compute(50 * time.Microsecond)
	}
	for name, arm := range map[string]func(l *exec.Local){
		"Every": func(l *exec.Local) { l.Every(1, exec.Func(func(*exec.Local) { slow() })) },
		"After": func(l *exec.Local) {
			var self exec.Func
			self = func(l *exec.Local) { slow(); l.After(0, self) }
			l.After(0, self)
		},
	} {
		t.Run(name, func(t *testing.T) {
			x := begin(t, exec.Config{})
			onLoop(t, x, arm)
			require.Len(t, drain(t, x), 1)
			settled(t, 1+int(x.Stats().Spawned), x.Stats())
		})
	}
}
