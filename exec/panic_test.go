package exec_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// boom is a task that panics with itself.
type boom string

func (b boom) Run(*exec.Local) { panic(b) }

// reports collects what OnPanic is called with, on one loop.
type reports []exec.Panic

func (r *reports) add(p exec.Panic) { *r = append(*r, p) }

// settled checks the account: what was accepted was executed, failed or returned.
func settled(t testing.TB, accepted int, s exec.Stats) {
	t.Helper()
	require.Equal(t, uint64(accepted), s.Executed()+s.Failed()+s.Expired+s.Returned,
		"accepted = executed (%d) + failed (%d) + expired (%d) + returned (%d)", s.Executed(), s.Failed(), s.Expired, s.Returned)
}

// A panic fails one task. Those beside it run, once each, and in order.
func TestPanicFailsOneTask(t *testing.T) {
	type run func(x *exec.Exec, tasks ...exec.Task) (accepted int)
	inTask := func(f func(l *exec.Local, t exec.Task)) run {
		return func(x *exec.Exec, tasks ...exec.Task) int {
			x.TrySend(exec.Func(func(l *exec.Local) {
				for _, t := range tasks {
					f(l, t)
				}
			}))
			return len(tasks) + 1
		}
	}
	for name, send := range map[string]run{
		"inbox": func(x *exec.Exec, tasks ...exec.Task) int {
			for _, t := range tasks {
				x.TrySend(t)
			}
			return len(tasks)
		},
		"control": func(x *exec.Exec, tasks ...exec.Task) int {
			for _, t := range tasks {
				x.TryControl(t)
			}
			return len(tasks)
		},
		"lane": func(x *exec.Exec, tasks ...exec.Task) int {
			n, _ := x.Lane()
			return n.PushBatch(tasks)
		},
		"queue": inTask(func(l *exec.Local, t exec.Task) { l.Spawn(t) }),
		"timer": inTask(func(l *exec.Local, t exec.Task) { l.After(0, t) }),
	} {
		t.Run(name, func(t *testing.T) {
			var seen reports
			x := stepped(t, exec.Config{Name: "it", OnPanic: seen.add})
			var order []string
			say := func(s string) exec.Task {
				return exec.Func(func(*exec.Local) { order = append(order, s) })
			}
			accepted := send(x, say("a"), say("b"), boom("one"), say("c"), boom("two"), say("d"))
			settle(x)
			require.Equal(t, []string{"a", "b", "c", "d"}, order)
			require.Len(t, seen, 2)
			for i, want := range []boom{"one", "two"} {
				require.Equal(t, want, seen[i].Value)
				require.Equal(t, want, seen[i].Task)
				require.Equal(t, "it", seen[i].Exec)
				require.False(t, seen[i].Goexit)
				require.Zero(t, seen[i].Items)
				require.Contains(t, string(seen[i].Stack), "exec_test.boom.Run")
			}
			require.EqualError(t, seen[0], "exec: it: task exec_test.boom: panic: one")
			s := x.Stats()
			require.EqualValues(t, 2, s.Panics)
			require.EqualValues(t, 2, s.Failed())
			require.Zero(t, s.Depth)
			settled(t, accepted, s)
		})
	}
}

// A panic in a batch handler fails the batch as a whole: nothing of it is handled
// again, and what comes later is.
func TestPanicFailsTheBatch(t *testing.T) {
	for name, tc := range map[string]struct {
		fail func(batch []int) int
		want string
	}{
		"panic":        {func(batch []int) int { panic(fmt.Sprint("at ", batch[2])) }, "at 2"},
		"too many":     {func(batch []int) int { return len(batch) + 1 }, "exec: the handler of inbox numbers returned 6 for a batch of 5: it must return how many it consumed"},
		"less than no": {func([]int) int { return -1 }, "exec: the handler of inbox numbers returned -1 for a batch of 5: it must return how many it consumed"},
	} {
		for _, way := range []string{"shared", "lane"} {
			t.Run(name+"/"+way, func(t *testing.T) {
				var seen reports
				x := stepped(t, exec.Config{Name: "it", OnPanic: seen.add})
				var got []int
				calls := 0
				in, err := exec.NewInbox(x, exec.InboxConfig[int]{Name: "numbers", Handle: func(_ *exec.Local, batch []int) int {
					if calls++; calls == 1 {
						return tc.fail(batch)
					}
					got = append(got, batch...)
					return len(batch)
				}})
				require.NoError(t, err)
				send := in.TrySend
				if way == "lane" {
					lane, err := in.Lane()
					require.NoError(t, err)
					send = lane.Push
				}
				for i := range 5 {
					require.True(t, send(i))
				}
				x.Step()
				for i := range 3 {
					require.True(t, send(5+i))
				}
				settle(x)
				require.Equal(t, []int{5, 6, 7}, got)
				require.Len(t, seen, 1)
				require.Equal(t, tc.want, fmt.Sprint(seen[0].Value))
				require.Equal(t, 5, seen[0].Items)
				require.Nil(t, seen[0].Task)
				require.ErrorContains(t, seen[0], "exec: it: handler of a batch of 5: panic: ")
				s := x.Stats()
				require.EqualValues(t, 5, s.ItemsFailed)
				require.EqualValues(t, 3, s.Items)
				require.EqualValues(t, 1, s.Batches)
				settled(t, 8, s)
			})
		}
	}
}

// A batch that wraps around the end of its ring comes in two parts; a panic in
// the first fails that part only.
func TestPanicInHalfOfAWrappedBatch(t *testing.T) {
	var seen reports
	x := stepped(t, exec.Config{OnPanic: seen.add})
	var got []int
	fail := false
	in, err := exec.NewInbox(x, exec.InboxConfig[int]{Cap: 8, Handle: func(_ *exec.Local, batch []int) int {
		if fail {
			fail = false
			panic("once")
		}
		got = append(got, batch...)
		return len(batch)
	}})
	require.NoError(t, err)
	for i := range 5 {
		in.TrySend(i)
	}
	settle(x)
	for i := range 8 {
		in.TrySend(10 + i)
	}
	fail = true
	settle(x)
	require.Equal(t, []int{0, 1, 2, 3, 4, 13, 14, 15, 16, 17}, got)
	require.Equal(t, 3, seen[0].Items)
	settled(t, 13, x.Stats())
}

// pollFunc is a source that has no deadlines, flushFunc a flusher with nothing
// pending.
type pollFunc func()

func (f pollFunc) Poll(*exec.Local, int) int       { f(); return 0 }
func (f pollFunc) Next() (_ time.Duration, _ bool) { return 0, false }

type flushFunc func()

func (f flushFunc) Flush(*exec.Local) bool { f(); return false }

func TestPanicInASourceAndAFlusher(t *testing.T) {
	var seen reports
	x := stepped(t, exec.Config{Name: "it", OnPanic: seen.add})
	polls, flushes := 0, 0
	inOneStep(t, x, func(l *exec.Local) {
		l.AddSource(pollFunc(func() {
			if polls++; polls == 2 {
				panic("source")
			}
		}))
		l.AddFlusher(flushFunc(func() {
			if flushes++; flushes == 2 {
				panic("flusher")
			}
		}))
	})
	for range 3 {
		x.Step()
	}
	require.Equal(t, []int{4, 4}, []int{polls, flushes})
	require.Len(t, seen, 2)
	require.EqualError(t, seen[0], "exec: it: panic: source")
	require.EqualError(t, seen[1], "exec: it: panic: flusher")
	settled(t, 1, x.Stats())
}
