package exec_test

import (
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/place"
)

// failed is what require calls FailNow on where a test fails: it ends the
// goroutine, as testing.T does.
type failed struct{ log string }

func (f *failed) Errorf(string, ...any) { f.log = "failed" }
func (f *failed) FailNow()              { runtime.Goexit() }

// The two ways that code comes to call Goexit.
var exits = map[string]func(){
	"Goexit":  runtime.Goexit,
	"FailNow": func() { require.NoError(&failed{}, errors.New("an assertion in a task")) },
}

// once is code that runs in some phase of the loop, exits when told to, and
// counts how often it went on.
type once struct {
	exit   atomic.Pointer[func()]
	passed atomic.Int64
}

func (o *once) run() {
	if f := o.exit.Swap(nil); f != nil {
		(*f)()
	}
	o.passed.Add(1)
}

func (o *once) Run(*exec.Local)                                  { o.run() }
func (o *once) Poll(*exec.Local, int) int                        { o.run(); return 0 }
func (o *once) Next() (deadline time.Duration, ok bool)          { return 0, false }
func (o *once) Flush(*exec.Local) (pending bool)                 { o.run(); return false }
func (o *once) handle(_ *exec.Local, batch []int) (consumed int) { o.run(); return len(batch) }

// A Goexit ends what called it, and nothing else: the Exec goes on, on another
// thread, as pinned as before.
func TestGoexitEndsOnlyTheTask(t *testing.T) {
	for where, tc := range map[string]struct {
		send     func(x *exec.Exec, in *exec.Inbox[int], o *once)
		accepted int // by one send
		failed   int
	}{
		"inbox":   {func(x *exec.Exec, _ *exec.Inbox[int], o *once) { x.TrySend(o) }, 1, 1},
		"control": {func(x *exec.Exec, _ *exec.Inbox[int], o *once) { x.TryControl(o) }, 1, 1},
		"queue": {func(x *exec.Exec, _ *exec.Inbox[int], o *once) {
			x.TrySend(exec.Func(func(l *exec.Local) { l.Spawn(o) }))
		}, 2, 1},
		"timer": {func(x *exec.Exec, _ *exec.Inbox[int], o *once) {
			x.TrySend(exec.Func(func(l *exec.Local) { l.After(0, o) }))
		}, 2, 1},
		"handler": {func(_ *exec.Exec, in *exec.Inbox[int], _ *once) { in.TrySend(1) }, 1, 1},
		"source":  {func(x *exec.Exec, _ *exec.Inbox[int], _ *once) { x.TrySend(nop{}) }, 1, 0},
		"flusher": {func(x *exec.Exec, _ *exec.Inbox[int], _ *once) { x.TrySend(nop{}) }, 1, 0},
	} {
		for how, exit := range exits {
			for _, reported := range []bool{false, true} {
				name := where + "/" + how
				if reported {
					name += "/OnPanic"
				}
				t.Run(name, func(t *testing.T) {
					var o once
					panics := make(chan exec.Panic, 10)
					cfg := exec.Config{Name: "it", Spin: -1}
					if reported {
						cfg.OnPanic = func(p exec.Panic) { panics <- p }
					}
					if pins {
						allowed, err := place.Allowed()
						require.NoError(t, err)
						cfg.CPUs = allowed[len(allowed)-1:]
					}
					x, err := exec.New(cfg)
					require.NoError(t, err)
					in, err := exec.NewInbox(x, exec.InboxConfig[int]{Handle: o.handle})
					require.NoError(t, err)
					startForTest(t, x)
					before := loopThread(t, x)
					onLoop(t, x, func(l *exec.Local) {
						switch where {
						case "source":
							l.AddSource(&o)
						case "flusher":
							l.AddFlusher(&o)
						}
					})
					accepted := 2
					o.exit.Store(&exit)
					tc.send(x, in, &o)
					accepted += tc.accepted
					eventually(t, "it exited", func() bool { return o.exit.Load() == nil })
					passed := o.passed.Load()
					tc.send(x, in, &o)
					accepted += tc.accepted
					eventually(t, "the Exec went on", func() bool { return o.passed.Load() > passed })
					if pins {
						require.NotEqual(t, before, loopThread(t, x))
						accepted++
						onLoop(t, x, func(*exec.Local) {
							cpu, err := place.Current()
							require.NoError(t, err)
							require.Equal(t, cfg.CPUs[0], cpu)
						})
						accepted++
					}
					require.Empty(t, drain(t, x))
					s := x.Stats()
					require.EqualValues(t, 1, s.Panics)
					require.EqualValues(t, tc.failed, s.Failed())
					settled(t, accepted, s)
					if reported {
						require.Len(t, panics, 1)
						p := <-panics
						require.True(t, p.Goexit)
						require.Nil(t, p.Value)
						require.Contains(t, p.Error(), "runtime.Goexit was called")
						require.Contains(t, string(p.Stack), "exec_test.(*once).run")
					}
				})
			}
		}
	}
}

// startForTest starts x and stops it when the test ends.
func startForTest(t testing.TB, x *exec.Exec) {
	t.Helper()
	require.NoError(t, x.Start())
	t.Cleanup(func() {
		x.Stop()
		_ = x.Wait()
	})
}

// loopThread returns the number of the thread that x's loop runs on.
func loopThread(t testing.TB, x *exec.Exec) (id int) {
	onLoop(t, x, func(*exec.Local) { id = thread() })
	return id
}
