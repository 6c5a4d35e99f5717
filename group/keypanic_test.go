package group_test

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// noKey is a Config.Key that panics for negative items.
func noKey(v *int) uint64 {
	if *v < 0 {
		panic("no key")
	}
	return uint64(*v)
}

// keyed are the policies that senders do without locks, and with one.
var keyed = map[string]func() balance.Policy{
	"KeyHash": balance.KeyHash,
	"Sticky":  func() balance.Policy { return balance.StickyInFlight(64, balance.KeyHash()) },
	"Shared":  func() balance.Policy { return balance.Shared(balance.StickyInFlight(64, balance.KeyHash())) },
}

// A Key that panics does so in the send, of which nothing is left: who sends goes on, with what was staged before, and
// so does whoever else sends.
func TestKeyPanicsInASend(t *testing.T) {
	for name, bal := range keyed {
		t.Run(name, func(t *testing.T) {
			var c collector[int]
			g := startGroup(t, group.Config[int]{Workers: 2, Worker: c.worker(2), Balance: bal(), Key: noKey, OnFull: group.Block(context.Background())})
			p := producer(t, g)
			var want []int
			for how, send := range map[string]func(int) error{
				"Send":       p.Send,
				"Stage":      p.Stage,
				"TrySend":    g.TrySend,
				"Group.Send": func(v int) error { return g.Send(within(20*time.Second), v) },
			} {
				for range 3 {
					require.NoError(t, p.Stage(len(want)), how)
					want = append(want, len(want))
					require.PanicsWithValue(t, "no key", func() { _ = send(-1) }, how)
					require.NoError(t, send(len(want)), how)
					want = append(want, len(want))
				}
			}
			require.NoError(t, p.SendTo(0, -2), "no balancer, no key")
			_, err := p.Close()
			require.NoError(t, err)
			require.Empty(t, drain(t, g))
			require.ElementsMatch(t, append(want, -2), slices.Concat(c.got...))
			require.EqualValues(t, len(want)+1, balanced(t, g).Accepted)
		})
	}
}

// SendBatch may have sent some when Key panics: it says what is left, and which item it was.
func TestKeyPanicsInABatch(t *testing.T) {
	for name, bal := range keyed {
		for _, at := range []int{0, 5, 63, 64, 130, 199} {
			t.Run(name, func(t *testing.T) {
				var c collector[int]
				g := startGroup(t, group.Config[int]{Workers: 2, Worker: c.worker(2), Balance: bal(), Key: noKey, OnFull: group.Block(context.Background())})
				p := producer(t, g)
				batch := make([]int, 200)
				for i := range batch {
					batch[i] = i
				}
				batch[at] = -1
				want := slices.Clone(batch[at:])
				rest, err := p.SendBatch(batch)
				require.EqualError(t, err, "group: group: Config.Key panicked for item 0 of the rest: no key")
				require.Equal(t, want, rest)
				rest, err = p.SendBatch(rest[1:])
				require.NoError(t, err)
				require.Empty(t, rest)
				require.Empty(t, drain(t, g))
				require.Len(t, slices.Concat(c.got...), 199)
				for _, got := range c.got {
					require.True(t, slices.IsSorted(got), "in order")
				}
				require.EqualValues(t, 199, balanced(t, g).Accepted)
			})
		}
	}
}

// What had no room comes first in the rest, and the item without a key behind it.
func TestKeyPanicsInABatchForFullLanes(t *testing.T) {
	var c collector[int]
	g := newGroup(t, group.Config[int]{Workers: 1, Depth: 4, Worker: c.worker(1), Balance: balance.KeyHash(), Key: noKey})
	p := producer(t, g)
	rest, err := p.SendBatch([]int{0, 1, 2, 3, 4, 5, -1, 7})
	require.ErrorContains(t, err, "for item 2 of the rest")
	require.Equal(t, []int{4, 5, -1, 7}, rest)
	require.EqualValues(t, 4, g.Stats().Rejected)
	require.NoError(t, g.Start())
	eventually(t, func() bool { rest, err = p.SendBatch(rest[:2]); return err == nil })
	require.Empty(t, drain(t, g))
	require.Equal(t, []int{0, 1, 2, 3, 4, 5}, c.got[0])
}

// On a loop a handler may recover; its Forwarder goes on, and no credit is lost.
func TestKeyPanicsInAForward(t *testing.T) {
	var g *group.Group[int]
	var panics, forwarded atomic.Int64
	g = newGroup(t, group.Config[int]{Workers: 1, MaxForwards: 4, Balance: balance.KeyHash(), Key: noKey,
		Worker: func(l *exec.Local, _ int) (group.Handler[int], error) {
			f, err := g.Forwarder(l)
			return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
				for _, v := range batch {
					if v >= 1000 {
						forwarded.Add(1)
						continue
					}
					func() {
						defer func() {
							if recover() != nil {
								panics.Add(1)
							}
						}()
						_ = f.Send(-1)
					}()
					if err := f.Send(v + 1000); err != nil {
						t.Errorf("one item for one item: %v", err)
					}
				}
				return len(batch)
			}), err
		}})
	require.NoError(t, g.Start())
	p := producer(t, g)
	const items = 50
	for i := range items {
		eventually(t, func() bool { return p.Send(i) == nil })
	}
	require.Empty(t, drain(t, g))
	require.EqualValues(t, items, panics.Load())
	require.EqualValues(t, items, forwarded.Load())
	require.EqualValues(t, items, balanced(t, g).Forwarded)
}

// Items that were accepted, and whose keys cannot be told when they need another worker, are not lost: those that a
// worker leaves behind, and those that were staged for it. Nor does the change fail.
func TestKeyPanicsWhereAWorkerLeaves(t *testing.T) {
	for name, bal := range keyed {
		t.Run(name, func(t *testing.T) {
			var broken atomic.Bool
			key := func(v *int) uint64 {
				if broken.Load() {
					panic("no key any more")
				}
				return uint64(*v)
			}
			var open atomic.Bool
			var got [2][]int
			g := startGroup(t, group.Config[int]{Workers: 2, Balance: bal(), Key: key, Exec: exec.Config{Logger: slog.New(slog.DiscardHandler)},
				Worker: func(_ *exec.Local, id int) (group.Handler[int], error) {
					return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
						if id == 0 && !open.Load() {
							return 0
						}
						got[id] = append(got[id], batch...)
						return len(batch)
					}), nil
				}})
			p, want := producer(t, g), []int(nil)
			for i := range 30 {
				want = append(want, i)
				require.NoError(t, p.Send(i))
			}
			for i := range 30 {
				want = append(want, 100+i)
				require.NoError(t, p.Stage(100+i))
			}
			broken.Store(true)
			require.NoError(t, g.Remove(within(5*time.Millisecond), 0))
			for err := group.ErrFull; err != nil; {
				if err = p.SendTo(1, 1000); err != nil {
					require.ErrorIs(t, err, group.ErrFull)
				}
			}
			_, err := p.Flush()
			require.NoError(t, err)
			require.Empty(t, drain(t, g))
			require.ElementsMatch(t, append(want, 1000), slices.Concat(got[0], got[1]))
			require.Positive(t, balanced(t, g).Changes.HandedOver)
		})
	}
}
