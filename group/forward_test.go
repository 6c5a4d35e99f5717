package group_test

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

var policies = map[string]group.Full{
	"Fail":  group.Fail(),
	"Block": group.Block(context.Background()),
	"Spill": group.Spill(8),
}

// hop is an item that visits workers until left is 0.
type hop struct{ left int32 }

// Workers push into each other's full rings, at every small capacity and under
// every policy: a pipeline in which each item becomes at most one item always
// drains. (Without credits this hangs.)
func TestWorkersPushIntoEachOthersFullRings(t *testing.T) {
	depths, limits := []int{1, 2, 4}, []int{1, 2, 0}
	if testing.Short() {
		depths, limits = []int{1}, []int{1, 0}
	}
	for name, full := range policies {
		for _, workers := range []int{1, 2, 3} {
			for _, depth := range depths {
				for _, forwards := range limits {
					items := 50 // each hop wakes a thread where only one may be on its way
					if forwards == 0 {
						items = 1000
					}
					t.Run(fmt.Sprintf("%s/workers=%d/depth=%d/forwards=%d", name, workers, depth, forwards), func(t *testing.T) {
						var ended atomic.Int64
						var g *group.Group[hop]
						g = newGroup(t, group.Config[hop]{Workers: workers, Depth: depth, MaxForwards: forwards, OnFull: full,
							Worker: func(l *exec.Local, id int) (group.Handler[hop], error) {
								f, err := g.Forwarder(l)
								return group.HandlerFunc[hop](func(_ *exec.Local, batch []hop) int {
									for _, h := range batch {
										if h.left == 0 {
											ended.Add(1)
											continue
										}
										h.left--
										if err := f.SendTo((id+1)%workers, h); err != nil {
											t.Errorf("forwarding one item per item failed: %v", err)
										}
									}
									return len(batch)
								}), err
							}})
						require.NoError(t, g.Start())
						p := producer(t, g)
						sent := 0
						for sent < items {
							if p.Send(hop{10}) == nil {
								sent++
							} else {
								runtime.Gosched()
							}
						}
						require.Empty(t, drain(t, g))
						require.EqualValues(t, items, ended.Load())
						s := balanced(t, g)
						require.EqualValues(t, items, s.Accepted)
						require.EqualValues(t, 10*items, s.Forwarded)
					})
				}
			}
		}
	}
}

// The same with tasks, each of which sends one to every peer, which is more than one
// per task: what is refused re-posts itself, or runs on the caller.
func TestTasksPushToEveryPeer(t *testing.T) {
	for name, full := range map[string]group.Full{"Fail": group.Fail(), "Spill": group.Spill(2), "CallerRuns": group.CallerRuns(), "Block": group.Block(context.Background())} {
		for _, workers := range []int{2, 3} {
			for _, depth := range []int{1, 2, 4} {
				if testing.Short() && depth > 1 {
					continue
				}
				t.Run(fmt.Sprintf("%s/workers=%d/depth=%d", name, workers, depth), func(t *testing.T) {
					const tasks = 300
					var ended atomic.Int64
					g := startGroup(t, group.Config[exec.Task]{Workers: workers, Depth: depth, MaxForwards: 4, OnFull: full})
					leaf := exec.Func(func(*exec.Local) { ended.Add(1) })
					p := producer(t, g)
					for i := range tasks {
						v := &visit{g: g, leaf: leaf, left: workers}
						for p.SendTo(i%workers, v) != nil {
							runtime.Gosched()
						}
					}
					require.Empty(t, drain(t, g))
					require.EqualValues(t, tasks*workers, ended.Load())
					balanced(t, g)
				})
			}
		}
	}
}

// visit sends leaf to every worker, its own included, and re-posts itself while
// there is no room.
type visit struct {
	g    *group.Group[exec.Task]
	leaf exec.Task
	left int
}

func (v *visit) Run(l *exec.Local) {
	f, err := v.g.Forwarder(l)
	if err != nil {
		panic(err)
	}
	for v.left > 0 {
		if f.SendTo(v.left-1, v.leaf) != nil {
			if !l.Spawn(v) {
				panic("re-posting itself failed")
			}
			return
		}
		v.left--
	}
}

// What a Forwarder has gathered does not wait for a later item.
func TestForwarderPublishesAtTheEndOfTheTurn(t *testing.T) {
	var got []int
	var g *group.Group[int]
	g = newGroup(t, group.Config[int]{Workers: 2, Worker: func(l *exec.Local, id int) (group.Handler[int], error) {
		f, err := g.Forwarder(l)
		return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
			for _, v := range batch {
				if id == 0 {
					require.NoError(t, f.SendTo(1, v))
				} else {
					got = append(got, v)
				}
			}
			return len(batch)
		}), err
	}})
	g.Exec(0).Step() // OnStart
	g.Exec(1).Step()
	p := producer(t, g)
	for i := range 3 {
		require.NoError(t, p.SendTo(0, i))
	}
	g.Exec(0).Step()
	g.Exec(1).Step()
	require.Equal(t, []int{0, 1, 2}, got)
}

// A stage whose downstream is full holds back instead of dropping: more than one
// item per item, through a downstream that sometimes takes nothing.
func TestHandlerHoldsBackWhenItsDownstreamIsFull(t *testing.T) {
	const items = 2000
	var got int
	var down *group.Group[int]
	stall := 0
	down = startGroup(t, group.Config[int]{Depth: 2, MaxForwards: 2, Worker: func(*exec.Local, int) (group.Handler[int], error) {
		return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
			if stall++; stall%3 == 0 {
				return 0
			}
			got++
			return 1
		}), nil
	}})
	up := startGroup(t, group.Config[int]{Depth: 4, Worker: func(l *exec.Local, _ int) (group.Handler[int], error) {
		f, err := down.Forwarder(l)
		half := false // the first copy of the item in front was sent
		return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
			for i, v := range batch {
				if !half {
					if f.Send(v) != nil {
						return i
					}
					half = true
				}
				if f.Send(v) != nil {
					return i
				}
				half = false
			}
			return len(batch)
		}), err
	}})
	p := producer(t, up)
	for i := range items {
		for p.Send(i) != nil {
			runtime.Gosched()
		}
	}
	require.Empty(t, drain(t, up))
	require.Empty(t, drain(t, down))
	require.Equal(t, 2*items, got)
	balanced(t, up)
	balanced(t, down)
}
