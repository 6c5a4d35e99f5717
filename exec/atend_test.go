package exec_test

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// runs are the two ways to run an Exec to its end, with add called on its loop first.
var runs = map[string]func(t *testing.T, cfg exec.Config, add func(l *exec.Local)) *exec.Exec{
	"stepped": func(t *testing.T, cfg exec.Config, add func(l *exec.Local)) *exec.Exec {
		x := stepped(t, cfg)
		inOneStep(t, x, add)
		x.Stop()
		return x
	},
	"on a thread": func(t *testing.T, cfg exec.Config, add func(l *exec.Local)) *exec.Exec {
		x := begin(t, cfg)
		for _, f := range []func(*exec.Local){add, nop{}.Run, nop{}.Run, nop{}.Run} { // coroutines have begun, and yielded
			done := make(chan struct{})
			require.True(t, x.TrySend(exec.Func(func(l *exec.Local) { defer close(done); f(l) })))
			<-done
		}
		x.Stop()
		_ = x.Wait()
		return x
	},
}

// What is added last runs first, after the coroutines and OnStop.
func TestAtEnd(t *testing.T) {
	for name, run := range runs {
		t.Run(name, func(t *testing.T) {
			var log []string
			note := func(s string) func(*exec.Local) { return func(*exec.Local) { log = append(log, s) } }
			run(t, exec.Config{OnStop: note("OnStop")}, func(l *exec.Local) {
				l.AtEnd(note("first"))
				l.AtEnd(func(l *exec.Local) {
					note("second")(l)
					l.AtEnd(note("added at the end"))
				})
				l.AtEnd(note("third"))
				require.NoError(t, l.Go(func(co *exec.Co) {
					_ = co.Park()
					note("coroutine")(nil)
				}))
			})
			require.Equal(t, []string{"coroutine", "OnStop", "third", "second", "added at the end", "first"}, log)
		})
	}
}

// The end of OnStart in an error gives back what it has got so far.
func TestAtEndOfAStartThatFails(t *testing.T) {
	wrong := errors.New("wrong")
	ended := 0
	x, err := exec.New(exec.Config{OnStart: func(l *exec.Local) error {
		l.AtEnd(func(*exec.Local) { ended++ })
		return wrong
	}})
	require.NoError(t, err)
	require.ErrorIs(t, x.Start(), wrong)
	require.Equal(t, 1, ended)
}

// One that has never run has nothing to give back.
func TestAtEndOfOneThatNeverRan(t *testing.T) {
	x, err := exec.New(exec.Config{OnStart: func(l *exec.Local) error {
		l.AtEnd(func(*exec.Local) { t.Error("it ran") })
		return nil
	}})
	require.NoError(t, err)
	x.Stop()
	require.NoError(t, x.Wait())
}

// A Goexit in one of them does not keep the others from running, each once.
func TestAtEndWithAGoexit(t *testing.T) {
	watchdog(t, time.Minute)
	var log []string
	x, err := exec.New(exec.Config{OnPanic: func(exec.Panic) {}, OnStart: func(l *exec.Local) error {
		l.AtEnd(func(*exec.Local) { log = append(log, "first") })
		l.AtEnd(func(*exec.Local) { log = append(log, "second"); runtime.Goexit() })
		l.AtEnd(func(*exec.Local) { log = append(log, "third") })
		return nil
	}})
	require.NoError(t, err)
	require.NoError(t, x.Start())
	x.Stop()
	require.ErrorContains(t, x.Wait(), "Goexit")
	require.Equal(t, []string{"third", "second", "first"}, log)
}

// Nor does a panic, in an Exec that is stepped: it goes to whoever has stopped it.
func TestAtEndWithAPanic(t *testing.T) {
	var log []string
	x := stepped(t, exec.Config{})
	inOneStep(t, x, func(l *exec.Local) {
		l.AtEnd(func(*exec.Local) { log = append(log, "first") })
		l.AtEnd(func(*exec.Local) { log = append(log, "second"); panic("at the end") })
		l.AtEnd(func(*exec.Local) { log = append(log, "third") })
	})
	require.PanicsWithValue(t, "at the end", x.Stop)
	require.Equal(t, []string{"third", "second", "first"}, log)
}

// AtDrain runs when a drain begins, in order; when one has begun, at once.
func TestAtDrain(t *testing.T) {
	var log []string
	note := func(s string) func(*exec.Local) { return func(*exec.Local) { log = append(log, s) } }
	x := begin(t, exec.Config{Spin: -1, OnStart: func(l *exec.Local) error {
		l.AtDrain(note("first"))
		l.AtDrain(func(l *exec.Local) {
			note("second")(l)
			l.AtDrain(note("at once"))
		})
		l.AtDrain(note("third"))
		l.AtEnd(note("the end"))
		return nil
	}})
	drain(t, x)
	require.Equal(t, []string{"first", "second", "at once", "third", "the end"}, log)

	log = nil
	x = begin(t, exec.Config{OnStart: func(l *exec.Local) error {
		l.AtDrain(note("drain"))
		return nil
	}})
	x.Stop()
	require.NoError(t, x.Wait())
	require.Empty(t, log, "a Stop is no drain")
}
