package exec_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// sent is a task, or a value, of which it is known where it ended.
type sent struct {
	bad  bool // panics when it is run
	ends int  // how often it was run, failed or returned
}

func (s *sent) Run(l *exec.Local) {
	s.ends++
	if s.bad {
		panic(s)
	}
}

// sender is a way to send, until it is refused for good. It notes what was
// accepted.
type sender struct {
	accepted []*sent
	rejected int
}

func (s *sender) note(v *sent, ok bool) {
	if ok {
		s.accepted = append(s.accepted, v)
	} else {
		s.rejected++
	}
}

// senders opens nine ways to send at once. Each goes on until over is set, and
// then for a little while.
func senders(t testing.TB, x *exec.Exec, in *exec.Inbox[*sent], over *atomic.Bool) (all []*sender, loops []func(s *sender)) {
	tasks, err := x.Lane()
	require.NoError(t, err)
	values, err := in.Lane()
	require.NoError(t, err)
	batches, err := in.Lane()
	require.NoError(t, err)
	staged, err := in.Lane()
	require.NoError(t, err)
	ctx := patience(t)
	fresh := func() *sent { return &sent{bad: rand.IntN(50) == 0} }
	each := func(f func(v *sent) bool) func(s *sender) {
		return func(s *sender) {
			for left := 50; left > 0; left-- {
				if !over.Load() {
					left = 50 // it goes on for a little while after the end
				}
				v := fresh()
				s.note(v, f(v))
				if rand.IntN(16) == 0 {
					runtime.Gosched()
				}
			}
		}
	}
	waiting := func(f func(v *sent) error) func(s *sender) {
		return each(func(v *sent) bool {
			err := f(v)
			if err != nil && !errors.Is(err, exec.ErrClosed) {
				t.Error(err)
			}
			return err == nil
		})
	}
	several := func(f func(vs []*sent) int) func(s *sender) {
		return func(s *sender) {
			for left := 20; left > 0; left-- {
				if !over.Load() {
					left = 20
				}
				vs := []*sent{fresh(), fresh(), fresh(), fresh()}
				n := f(vs)
				for i, v := range vs {
					s.note(v, i < n)
				}
			}
		}
	}
	stage := several(func(vs []*sent) int {
		for i, v := range vs {
			if !staged.Stage(v) {
				vs = vs[:i]
				break
			}
		}
		if staged.Flush() {
			return len(vs)
		}
		if got := len(staged.Recall()); got != len(vs) {
			t.Errorf("staged %d, recalled %d", len(vs), got)
		}
		return 0
	})
	loops = []func(s *sender){
		each(func(v *sent) bool { return x.TrySend(v) }),
		waiting(func(v *sent) error { return x.Send(ctx, v) }),
		each(func(v *sent) bool { return x.TryControl(v) }),
		each(func(v *sent) bool { return tasks.Push(v) }),
		waiting(func(v *sent) error { return in.Send(ctx, v) }),
		several(in.TrySendBatch),
		each(values.Push),
		several(batches.PushBatch),
		stage,
	}
	for range loops {
		all = append(all, &sender{})
	}
	return all, loops
}

// Senders race with the end of an Exec: what they are told was accepted ends
// exactly once, executed, failed or returned, and the rest does not end at all.
func TestSendersRaceWithTheEnd(t *testing.T) {
	ends := map[string]func(t *testing.T, x *exec.Exec) []exec.Task{
		"Drain": func(t *testing.T, x *exec.Exec) []exec.Task { return drain(t, x) },
		"Stop":  func(t *testing.T, x *exec.Exec) []exec.Task { x.Stop(); _ = x.Wait(); return drain(t, x) },
		"Drain and Stop": func(t *testing.T, x *exec.Exec) (undone []exec.Task) {
			var mu sync.Mutex
			var wg sync.WaitGroup
			for i := range 6 {
				wg.Go(func() {
					if i%3 == 0 {
						x.Stop()
						return
					}
					got, err := x.Drain(context.Background())
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					defer mu.Unlock()
					undone = append(undone, got...)
				})
			}
			wg.Wait()
			return append(undone, drain(t, x)...)
		},
		"Drain out of time": func(t *testing.T, x *exec.Exec) []exec.Task {
			ctx, cancel := context.WithTimeout(context.Background(), time.Microsecond)
			defer cancel()
			undone, err := x.Drain(ctx)
			if err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			return append(undone, drain(t, x)...)
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			watchdog(t, 5*time.Minute)
			var executed, failed, returned uint64
			for range sized(20, 100, 3000) {
				s := raceOnce(t, end)
				executed += s.Executed()
				failed += s.Failed()
				returned += s.Returned
			}
			if testing.Short() {
				return // so few rounds may miss one of these
			}
			require.Positive(t, executed)
			require.Positive(t, failed)
			if name != "Drain" {
				require.Positive(t, returned)
			}
		})
	}
}

func raceOnce(t *testing.T, end func(t *testing.T, x *exec.Exec) []exec.Task) exec.Stats {
	var failedValues atomic.Int64
	x, err := exec.New(exec.Config{Spin: -rand.N(time.Duration(2)), InboxCap: 8, ControlCap: 8, Burst: 8, OnPanic: func(p exec.Panic) { failedValues.Add(int64(p.Items)) }})
	require.NoError(t, err)
	in, err := exec.NewInbox(x, exec.InboxConfig[*sent]{Cap: 8, Handle: func(_ *exec.Local, batch []*sent) int {
		for _, v := range batch { // a panic fails all of them
			v.ends++
		}
		for _, v := range batch {
			if v.bad {
				panic(v)
			}
		}
		return len(batch)
	}})
	require.NoError(t, err)
	var over atomic.Bool
	all, loops := senders(t, x, in, &over)
	started := rand.IntN(8) > 0 // else it is ended without ever having run
	if started {
		require.NoError(t, x.Start())
	}
	var wg sync.WaitGroup
	for i, loop := range loops {
		wg.Go(func() { loop(all[i]) })
	}
	time.Sleep(rand.N(300 * time.Microsecond))
	undone := end(t, x)
	over.Store(true)
	wg.Wait()
	for _, task := range undone {
		task.(*sent).ends++
	}
	values, err := in.Undone()
	require.NoError(t, err)
	for _, v := range values {
		v.ends++
	}
	require.Empty(t, drain(t, x), "all was returned before")
	accepted := 0
	for i, s := range all {
		for _, v := range s.accepted {
			if v.ends != 1 {
				t.Fatalf("sender %d: something that was accepted ended %d times", i, v.ends)
			}
		}
		accepted += len(s.accepted)
		require.Positive(t, s.rejected, "it went on until after the end")
	}
	s := x.Stats()
	settled(t, accepted, s)
	require.EqualValues(t, len(undone)+len(values), s.Returned)
	require.EqualValues(t, failedValues.Load(), s.ItemsFailed)
	require.Zero(t, s.Depth)
	return s
}
