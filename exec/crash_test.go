package exec_test

import (
	"context"
	"errors"
	"os"
	osexec "os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// crashHere is what the stack of the program that ends must name.
//
//go:noinline
func crashHere() { panic("the end of it") }

type crasher struct{}

func (crasher) Run(*exec.Local)                         { crashHere() }
func (crasher) Poll(*exec.Local, int) int               { crashHere(); return 0 }
func (crasher) Next() (deadline time.Duration, ok bool) { return 0, false }
func (crasher) Flush(*exec.Local) (pending bool)        { crashHere(); return false }

// crashes are the ways to panic on the loop of an Exec without OnPanic.
var crashes = map[string]func(t *testing.T, x *exec.Exec){
	"inbox":   func(_ *testing.T, x *exec.Exec) { x.TrySend(crasher{}) },
	"control": func(_ *testing.T, x *exec.Exec) { x.TryControl(crasher{}) },
	"queue": func(_ *testing.T, x *exec.Exec) {
		x.TrySend(exec.Func(func(l *exec.Local) { l.Spawn(crasher{}) }))
	},
	"timer": func(_ *testing.T, x *exec.Exec) {
		x.TrySend(exec.Func(func(l *exec.Local) { l.After(time.Millisecond, crasher{}) }))
	},
	"source": func(_ *testing.T, x *exec.Exec) {
		x.TrySend(exec.Func(func(l *exec.Local) { l.AddSource(crasher{}) }))
	},
	"flusher": func(_ *testing.T, x *exec.Exec) {
		x.TrySend(exec.Func(func(l *exec.Local) { l.AddFlusher(crasher{}) }))
	},
	"after a Goexit": func(_ *testing.T, x *exec.Exec) {
		x.TrySend(exec.Func(func(*exec.Local) { exits["Goexit"]() }))
		x.TrySend(crasher{})
	},
	"handler": func(t *testing.T, x *exec.Exec) {
		x.TrySend(exec.Func(func(*exec.Local) {
			in, err := exec.NewInbox(x, exec.InboxConfig[int]{Handle: func(*exec.Local, []int) int { crashHere(); return 0 }})
			require.NoError(t, err)
			in.TrySend(1)
		}))
	},
}

// Without OnPanic a panic ends the program as it would in any goroutine: with
// the usual status, and with the stack of where it happened.
func TestPanicEndsTheProgram(t *testing.T) {
	const variable = "EXEC_TEST_CRASH"
	if how := os.Getenv(variable); how != "" {
		x := begin(t, exec.Config{})
		crashes[how](t, x)
		time.Sleep(time.Minute) // a program that goes on
		return
	}
	for how := range crashes {
		t.Run(how, func(t *testing.T) {
			out := diesOfPanic(t, "TestPanicEndsTheProgram", variable+"="+how)
			require.Contains(t, out, "panic: the end of it\n", "neither recovered nor thrown again")
			require.Contains(t, out, "exec_test.crashHere(", "the stack where it happened")
			require.Equal(t, 1, strings.Count(out, "panic: "), "%s", out)
		})
	}
}

// In Step a panic comes out of Step with its value; the account is settled, and
// Step may be called again.
func TestPanicComesOutOfStep(t *testing.T) {
	x := stepped(t, exec.Config{})
	var order []string
	say := func(s string) exec.Task {
		return exec.Func(func(*exec.Local) { order = append(order, s) })
	}
	for _, task := range []exec.Task{say("a"), boom("one"), say("b")} {
		require.True(t, x.TrySend(task))
	}
	require.PanicsWithValue(t, boom("one"), func() { x.Step() })
	require.Equal(t, []string{"a"}, order)
	s := x.Stats()
	require.EqualValues(t, 2, s.Tasks)
	require.EqualValues(t, 1, s.TasksFailed)
	require.EqualValues(t, 1, s.Panics)
	require.Equal(t, 1, s.Depth)
	require.False(t, exec.OnLoop())
	settle(x)
	require.Equal(t, []string{"a", "b"}, order)
	settled(t, 3, x.Stats())

	in, err := exec.NewInbox(x, exec.InboxConfig[int]{Handle: func(*exec.Local, []int) int { panic("batch") }})
	require.NoError(t, err)
	require.Equal(t, 3, in.TrySendBatch([]int{1, 2, 3}))
	require.PanicsWithValue(t, "batch", func() { x.Step() })
	require.EqualValues(t, 3, x.Stats().ItemsFailed)
	settle(x)
	settled(t, 6, x.Stats())
}

// An error of OnStart ends a stepped Exec as it ends a started one.
func TestOnStartFailsInStep(t *testing.T) {
	wrong := errors.New("wrong")
	x := stepped(t, exec.Config{OnStart: func(*exec.Local) error { return wrong }})
	require.True(t, x.TrySend(nop{}))
	func() {
		defer func() { require.ErrorIs(t, recover().(error), wrong) }()
		x.Step()
	}()
	worked, next := x.Step()
	require.False(t, worked)
	require.Equal(t, exec.Never, next)
	require.False(t, x.TrySend(nop{}))
	require.Equal(t, []exec.Task{nop{}}, drain(t, x))
}

// diesOfPanic runs one test of this program in a process of its own, with an environment
// variable set, and returns what it printed. It must end as a panic ends a program.
func diesOfPanic(t *testing.T, test, env string) (out string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cmd := osexec.CommandContext(ctx, os.Args[0], "-test.run=^"+test+"$")
	cmd.Env = append(os.Environ(), env, "GOTRACEBACK=single")
	printed, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.ENOEXEC) {
		t.Skip("under an emulator a program cannot start itself")
	}
	var exit *osexec.ExitError
	require.True(t, errors.As(err, &exit), "it went on: %v\n%s", err, printed)
	require.Equal(t, 2, exit.ExitCode(), "%s", printed)
	return string(printed)
}
