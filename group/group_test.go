package group_test

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

func newGroup[T any](t testing.TB, cfg group.Config[T]) *group.Group[T] {
	g, err := group.New(cfg)
	require.NoError(t, err)
	return g
}

func startGroup[T any](t testing.TB, cfg group.Config[T]) *group.Group[T] {
	g := newGroup(t, cfg)
	require.NoError(t, g.Start())
	t.Cleanup(func() {
		g.Stop()
		require.NoError(t, g.Wait())
	})
	return g
}

func producer[T any](t testing.TB, g *group.Group[T]) *group.Producer[T] {
	p, err := g.Producer()
	require.NoError(t, err)
	return p
}

func within(d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	time.AfterFunc(d+time.Second, cancel)
	return ctx
}

func yield() { runtime.Gosched() }

// eventually waits for what another goroutine brings about.
func eventually(t testing.TB, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !cond(); yield() {
		if time.Now().After(deadline) {
			t.Fatal("it never came true")
		}
	}
}

func drain[T any](t testing.TB, g *group.Group[T]) []T {
	t.Helper()
	undone, err := g.Drain(within(30 * time.Second))
	require.NoError(t, err)
	return undone
}

// balanced checks the account of a group that is at rest.
func balanced[T any](t testing.TB, g *group.Group[T]) group.Stats {
	t.Helper()
	s := g.Stats()
	require.Equal(t, s.Accepted+s.Forwarded+s.Spawned, s.Executed+s.Failed+s.Expired+s.Returned, "accepted %d forwarded %d spawned %d, executed %d failed %d expired %d returned %d", s.Accepted, s.Forwarded, s.Spawned, s.Executed, s.Failed, s.Expired, s.Returned)
	return s
}

// collector is a worker that keeps what it gets. Each worker has its own slice.
type collector[T any] struct{ got [][]T }

func (c *collector[T]) worker(n int) func(*exec.Local, int) (group.Handler[T], error) {
	c.got = make([][]T, n)
	return func(_ *exec.Local, id int) (group.Handler[T], error) {
		return group.HandlerFunc[T](func(_ *exec.Local, batch []T) int {
			c.got[id] = append(c.got[id], batch...)
			return len(batch)
		}), nil
	}
}

func TestRoundRobinSpreadsEvenlyAndKeepsOrder(t *testing.T) {
	var c collector[int]
	g := startGroup(t, group.Config[int]{Workers: 3, Worker: c.worker(3), Depth: 8, OnFull: group.Block(context.Background())})
	p := producer(t, g)
	for i := range 3000 {
		require.NoError(t, p.Send(i))
	}
	require.Empty(t, drain(t, g))
	for id, got := range c.got {
		require.Len(t, got, 1000)
		for k, v := range got {
			require.Equal(t, 3*k+id, v)
		}
	}
	require.EqualValues(t, 3000, balanced(t, g).Accepted)
}

type item struct{ key, seq uint64 }

func TestKeyHashKeepsEachKeyOnOneWorkerInOrder(t *testing.T) {
	const producers, keys, each = 3, 50, 4000
	var c collector[item]
	g := startGroup(t, group.Config[item]{Workers: 4, Worker: c.worker(4), Balance: balance.KeyHash(), Key: func(v *item) uint64 { return v.key }, Depth: 64})
	var wg sync.WaitGroup
	for id := range producers {
		p := producer(t, g)
		wg.Go(func() {
			var batch []item
			for i := range uint64(each) {
				v := item{key: uint64(id)<<32 | i%keys, seq: i}
				switch {
				case i%3 == 0:
					batch = append(batch, v)
				default:
					for len(batch) > 0 {
						batch, _ = p.SendBatch(batch)
					}
					for p.Send(v) != nil {
					}
				}
			}
			for len(batch) > 0 {
				batch, _ = p.SendBatch(batch)
			}
		})
	}
	wg.Wait()
	require.Empty(t, drain(t, g))
	home, last, total := map[uint64]int{}, map[uint64]uint64{}, 0
	for id, got := range c.got {
		total += len(got)
		for _, v := range got {
			if at, known := home[v.key]; known {
				require.Equal(t, at, id, "key %#x", v.key)
				require.Greater(t, v.seq, last[v.key], "key %#x", v.key)
			}
			home[v.key], last[v.key] = id, v.seq
		}
	}
	require.Equal(t, producers*each, total)
	balanced(t, g)
}

// SendBatch compacts what was refused to the front, in order, and a worker that has
// refused once refuses for the rest of the call.
// A balancer that refuses because of what is only staged must not refuse for ever.
// Producers, strangers and the drain race: accepted + rejected = sent, and what was
// accepted was executed, failed or returned.
