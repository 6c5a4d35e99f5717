package exec_test

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// ring of Execs: each hands what it gets to the next, by whatever way.
type circle struct {
	execs []*exec.Exec
	send  []func(t exec.Task) bool // to the next of each
	done  atomic.Int64
}

// hop goes around and re-posts itself where the next Exec has no room: nothing on
// a loop waits.
type hop struct {
	c    *circle
	at   int
	left int
}

func (h *hop) Run(l *exec.Local) {
	if h.left == 0 {
		h.c.done.Add(1)
		return
	}
	at := h.at
	h.at, h.left = (at+1)%len(h.c.execs), h.left-1
	if h.c.send[at](h) {
		return // it may be running over there already
	}
	h.at, h.left = at, h.left+1
	if !l.Spawn(h) {
		panic("a task could not re-post itself")
	}
}

// newCircle returns a circle whose rings have room for capacity tasks each.
func newCircle(t testing.TB, way string, execs, capacity int) *circle {
	c := &circle{}
	for range execs {
		x, err := exec.New(exec.Config{InboxCap: capacity, LocalCap: 64, LocalBudget: 4})
		require.NoError(t, err)
		t.Cleanup(x.Stop)
		c.execs = append(c.execs, x)
	}
	for i := range execs {
		next := c.execs[(i+1)%execs]
		send := next.TrySend
		if way == "lane" {
			lane, err := next.Lane()
			require.NoError(t, err)
			send = lane.Push
		}
		c.send = append(c.send, send)
	}
	return c
}

// finished checks that each of tasks went round: so many hops, each run once.
func (c *circle) finished(t testing.TB, tasks, hops int) {
	t.Helper()
	ran, spawned := uint64(0), uint64(0)
	for _, x := range c.execs {
		require.Empty(t, drain(t, x))
		ran += x.Stats().Tasks
		spawned += x.Stats().Spawned
	}
	require.EqualValues(t, tasks*(1+hops)+int(spawned), ran)
}

// Execs that push into each other's full rings, or into their own, finish.
func TestExecsPushIntoEachOther(t *testing.T) {
	for _, way := range []string{"inbox", "lane"} {
		for _, execs := range []int{1, 2, 3} {
			for _, capacity := range []int{1, 2, 4} {
				name := fmt.Sprintf("%s/%d execs/capacity %d", way, execs, capacity)
				tasks := 4 * execs * capacity // more than all rings hold
				t.Run("stepped/"+name, func(t *testing.T) {
					hops := sized(10_000, 100_000, 1_000_000)
					c, fed := newCircle(t, way, execs, capacity), 0
					for turns := 0; c.done.Load() < int64(tasks); turns++ {
						require.Less(t, turns, 100*hops, "stuck")
						for i, x := range c.execs {
							if fed < tasks && x.TrySend(&hop{c, i, hops / tasks}) {
								fed++
							}
							x.Step()
						}
					}
					c.finished(t, tasks, hops/tasks)
				})
				t.Run("started/"+name, func(t *testing.T) {
					watchdog(t, 5*time.Minute)
					// Re-posting is polling: more Execs than processors wait for
					// the system's time slices.
					hops := sized(10_000, 20_000, 1_000_000)
					if execs >= runtime.NumCPU() {
						hops = sized(500, 1000, 20_000)
					}
					c := newCircle(t, way, execs, capacity)
					for _, x := range c.execs {
						startForTest(t, x)
					}
					for i := range tasks {
						require.NoError(t, c.execs[i%execs].Send(patience(t), &hop{c, i % execs, hops / tasks}))
					}
					eventuallyWithin(t, 4*time.Minute, "all went round", func() bool { return c.done.Load() == int64(tasks) })
					c.finished(t, tasks, hops/tasks)
				})
			}
		}
	}
}

// A task that fills its own Exec's inbox is told so and is not blocked.
func TestPushIntoOwnFullInbox(t *testing.T) {
	for _, capacity := range []int{1, 2, 4} {
		x := begin(t, exec.Config{InboxCap: capacity})
		var ran atomic.Int64
		count := exec.Func(func(*exec.Local) { ran.Add(1) })
		accepted := 0
		onLoop(t, x, func(*exec.Local) {
			for range 100 {
				if x.TrySend(count) {
					accepted++
				}
			}
		})
		require.LessOrEqual(t, accepted, capacity)
		require.GreaterOrEqual(t, accepted, capacity-1, "the task itself may still hold its place")
		eventually(t, "all ran", func() bool { return ran.Load() == int64(accepted) })
		require.EqualValues(t, 100-accepted, x.Stats().Rejects)
	}
}

// Typed inboxes that forward to each other hold back instead: a cycle of full
// rings still moves, because what a handler cannot pass on stays where it is.
func TestHandlersThatHoldBackForEachOther(t *testing.T) {
	n := sized(500, 2_000, 100_000)
	for _, capacity := range []int{1, 2, 4} {
		t.Run(fmt.Sprint("capacity ", capacity), func(t *testing.T) {
			watchdog(t, 5*time.Minute)
			a, err := exec.New(exec.Config{})
			require.NoError(t, err)
			b, err := exec.New(exec.Config{})
			require.NoError(t, err)
			var back []int
			var returned atomic.Int64
			final, err := exec.NewInbox(a, exec.InboxConfig[int]{Cap: capacity, Handle: func(_ *exec.Local, batch []int) int {
				back = append(back, batch...)
				returned.Add(int64(len(batch)))
				return len(batch)
			}})
			require.NoError(t, err)
			forward := func(to func() *exec.Lane[int]) func(*exec.Local, []int) int {
				return func(_ *exec.Local, batch []int) int { return to().PushBatch(batch) }
			}
			var toB, toA *exec.Lane[int]
			first, err := exec.NewInbox(a, exec.InboxConfig[int]{Cap: capacity, Handle: forward(func() *exec.Lane[int] { return toB })})
			require.NoError(t, err)
			second, err := exec.NewInbox(b, exec.InboxConfig[int]{Cap: capacity, Handle: forward(func() *exec.Lane[int] { return toA })})
			require.NoError(t, err)
			toB, err = second.Lane()
			require.NoError(t, err)
			toA, err = final.Lane()
			require.NoError(t, err)
			startForTest(t, a)
			startForTest(t, b)
			for i := range n {
				require.NoError(t, first.Send(patience(t), i))
			}
			eventuallyWithin(t, 5*time.Minute, "all came back", func() bool { return returned.Load() == int64(n) })
			drain(t, a)
			drain(t, b)
			for i, v := range back {
				if i != v {
					t.Fatalf("%d came back as number %d", v, i)
				}
			}
		})
	}
}
