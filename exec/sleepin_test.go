package exec_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// bed is a Sleeper made of a channel.
type bed struct {
	bell          chan struct{}
	sleeps, wakes atomic.Uint64
	forever       atomic.Uint64 // sleeps without a limit
}

func newBed() *bed { return &bed{bell: make(chan struct{}, 1)} }

func (b *bed) Sleep(timeout time.Duration) {
	b.sleeps.Add(1)
	if timeout < 0 {
		b.forever.Add(1)
		<-b.bell
		return
	}
	select {
	case <-b.bell:
	case <-time.After(timeout):
	}
}

func (b *bed) Wake() {
	b.wakes.Add(1)
	select {
	case b.bell <- struct{}{}:
	default:
	}
}

// in gives an Exec a bed before it starts.
func (b *bed) in(cfg exec.Config) exec.Config {
	cfg.OnStart = func(l *exec.Local) error { return l.SleepIn(b) }
	return cfg
}

// No wake is lost between two Execs that sleep in places of their own.
func TestPingPongBetweenExecsThatSleepIn(t *testing.T) {
	rounds := sized(3_000, 30_000, 300_000)
	for name, send := range map[string]func(x *exec.Exec, t exec.Task) bool{
		"inbox":   (*exec.Exec).TrySend,
		"control": (*exec.Exec).TryControl,
	} {
		t.Run(name, func(t *testing.T) {
			watchdog(t, 5*time.Minute)
			p := &pinger{left: rounds, send: send, ended: make(chan struct{})}
			var beds [2]*bed
			for i := range p.to {
				beds[i] = newBed()
				p.to[i] = begin(t, beds[i].in(exec.Config{Spin: -1}))
			}
			p.to[0].TrySend(p)
			<-p.ended
			for i, x := range p.to {
				drain(t, x)
				s := x.Stats()
				oneWakePerPark(t, s)
				require.Equal(t, s.Parks, beds[i].sleeps.Load(), "it sleeps nowhere else")
				require.Equal(t, s.WakesReceived, beds[i].wakes.Load())
			}
		})
	}
}

// Whatever ends a sleep elsewhere ends this one: tasks, Wake, Wakers, lanes, timers, Stop.
func TestSleepInEndsWith(t *testing.T) {
	watchdog(t, time.Minute)
	b := newBed()
	x := begin(t, b.in(exec.Config{Spin: -1}))
	asleep := func() {
		t.Helper()
		eventually(t, "it sleeps", func() bool { return b.sleeps.Load() > b.wakes.Load() && len(b.bell) == 0 })
	}
	ran := make(chan string)
	task := func(name string) exec.Task { return exec.Func(func(*exec.Local) { ran <- name }) }
	var w *exec.Waker
	require.True(t, x.TrySend(exec.Func(func(l *exec.Local) { w = exec.NewWaker(l, task("waker")); ran <- "task" })))
	require.Equal(t, "task", <-ran)
	lane, err := x.Lane()
	require.NoError(t, err)
	for name, wake := range map[string]func(){
		"waker":   w.Wake,
		"lane":    func() { require.True(t, lane.Push(task("lane"))) },
		"control": func() { require.True(t, x.TryControl(task("control"))) },
		"timer": func() {
			require.True(t, x.TrySend(exec.Func(func(l *exec.Local) { l.After(time.Millisecond, task("timer")) })))
		},
	} {
		asleep()
		wake()
		require.Equal(t, name, <-ran)
	}
	asleep()
	turns := x.Stats().Turns
	x.Wake()
	eventually(t, "a turn", func() bool { return x.Stats().Turns > turns })
	asleep()
	x.Stop()
	require.NoError(t, x.Wait())
	require.Positive(t, b.forever.Load(), "with nothing to come there is no limit")
}

// There is one place to sleep.
func TestSleepInOfASecond(t *testing.T) {
	x := stepped(t, exec.Config{Name: "it"})
	inOneStep(t, x, func(l *exec.Local) {
		require.NoError(t, l.SleepIn(newBed()))
		err := l.SleepIn(newBed())
		require.ErrorIs(t, err, exec.ErrTooMany)
		require.ErrorContains(t, err, "it: it has a Sleeper already")
		require.PanicsWithValue(t, "exec: SleepIn of a nil Sleeper", func() { _ = l.SleepIn(nil) })
	})
	for range 5 {
		x.Step() // which never sleeps
	}
}
