package group_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
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
	require.Equal(t, s.Accepted+s.Forwarded+s.Spawned, s.Executed+s.Failed+s.Returned, "accepted %d forwarded %d spawned %d, executed %d failed %d returned %d", s.Accepted, s.Forwarded, s.Spawned, s.Executed, s.Failed, s.Returned)
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

func TestFullIsReportedAndNothingIsLost(t *testing.T) {
	var c collector[int]
	g := newGroup(t, group.Config[int]{Workers: 2, Worker: c.worker(2), Depth: 3})
	p := producer(t, g)
	for i := range 6 {
		require.NoError(t, p.Send(i))
	}
	require.ErrorIs(t, p.Send(6), group.ErrFull)
	rest, err := p.SendBatch([]int{7, 8})
	require.ErrorIs(t, err, group.ErrFull)
	require.Equal(t, []int{7, 8}, rest)
	require.NoError(t, g.Start())
	require.Empty(t, drain(t, g))
	require.Equal(t, [][]int{{0, 2, 4}, {1, 3, 5}}, c.got)
	require.ErrorIs(t, p.Send(9), group.ErrClosed)
	rest, err = p.SendBatch([]int{9})
	require.ErrorIs(t, err, group.ErrClosed)
	require.Equal(t, []int{9}, rest)
	balanced(t, g)
}

// SendBatch compacts what was refused to the front, in order, and a worker that has
// refused once refuses for the rest of the call.
func TestSendBatchReturnsTheRestInOrder(t *testing.T) {
	var c collector[int]
	g := newGroup(t, group.Config[int]{Workers: 2, Worker: c.worker(2), Depth: 4, Balance: balance.KeyHash()})
	p := producer(t, g)
	byKey := func(want int) (keys []uint64) {
		for k := uint64(0); len(keys) < 1; k++ {
			b, _ := balance.KeyHash()(balance.NewView(2))
			if b.Pick(k, balance.NewView(2)) == want {
				keys = append(keys, k)
			}
		}
		return keys
	}
	for range 4 {
		require.NoError(t, p.SendKey(byKey(0)[0], 100))
	}
	require.ErrorIs(t, p.SendKey(byKey(0)[0], 100), group.ErrFull)
	require.NoError(t, p.SendKey(byKey(1)[0], 200))
	require.NoError(t, p.SendTo(1, 201))
	require.ErrorIs(t, p.SendTo(2, 0), group.ErrWorker)

	h := newGroup(t, group.Config[int]{Workers: 2, Worker: c.worker(2), Depth: 2})
	q := producer(t, h)
	vs := []int{0, 1, 2, 3, 4, 5, 6, 7}
	rest, err := q.SendBatch(vs)
	require.ErrorIs(t, err, group.ErrFull)
	require.Equal(t, []int{4, 5, 6, 7}, rest)
	undone := drain(t, h)
	require.ElementsMatch(t, []int{0, 1, 2, 3}, undone)
	require.ElementsMatch(t, []int{100, 100, 100, 100, 200, 201}, drain(t, g))
	balanced(t, g)
	balanced(t, h)
}

func TestStagedItemsWaitForFlush(t *testing.T) {
	var c collector[int]
	g := newGroup(t, group.Config[int]{Worker: c.worker(1), Depth: 8, Exec: exec.Config{}})
	p := producer(t, g)
	require.NoError(t, p.Stage(1))
	require.NoError(t, p.Stage(2))
	require.Zero(t, g.Stats().Accepted)
	rest, err := p.Flush()
	require.NoError(t, err)
	require.Empty(t, rest)
	require.EqualValues(t, 2, g.Stats().Accepted)
	require.NoError(t, p.Stage(3))
	require.NoError(t, p.Send(4), "a push makes what was staged before it visible")
	require.EqualValues(t, 4, g.Stats().Accepted)
	require.NoError(t, p.Stage(5))
	rest, err = p.Close()
	require.NoError(t, err)
	require.Empty(t, rest)
	require.ErrorIs(t, p.Send(6), group.ErrClosed)
	require.Equal(t, []int{1, 2, 3, 4, 5}, drain(t, g))

	h := newGroup(t, group.Config[int]{Worker: c.worker(1), Depth: 8})
	q := producer(t, h)
	require.NoError(t, q.Stage(1))
	drain(t, h)
	rest, err = q.Flush()
	require.ErrorIs(t, err, group.ErrClosed)
	require.Equal(t, []int{1}, rest, "what was staged and not accepted comes back")
	balanced(t, h)
}

// A balancer that refuses because of what is only staged must not refuse for ever.
func TestStagingAgainstADepthLimitMakesProgress(t *testing.T) {
	var c collector[int]
	g := startGroup(t, group.Config[int]{Workers: 2, Worker: c.worker(2), Balance: balance.BoundedDepth(3, balance.RoundRobin())})
	p := producer(t, g)
	for i := range 1000 {
		for p.Stage(i) != nil {
			runtime.Gosched()
		}
	}
	_, err := p.Flush()
	require.NoError(t, err)
	require.Empty(t, drain(t, g))
	require.EqualValues(t, 1000, balanced(t, g).Executed)
}

func TestBlockWaitsForRoomForTheContextAndForClose(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var c collector[int]
	g := newGroup(t, group.Config[int]{Worker: c.worker(1), Depth: 2, OnFull: group.Block(ctx)})
	p := producer(t, g)
	require.NoError(t, p.Send(1))
	require.NoError(t, p.Send(2))
	time.AfterFunc(5*time.Millisecond, func() { require.NoError(t, g.Start()) })
	require.NoError(t, p.Send(3))
	rest, err := p.SendBatch([]int{4, 5, 6, 7, 8, 9})
	require.NoError(t, err)
	require.Empty(t, rest)
	drain(t, g)
	require.Equal(t, [][]int{{1, 2, 3, 4, 5, 6, 7, 8, 9}}, c.got)

	h := newGroup(t, group.Config[int]{Worker: c.worker(1), Depth: 1, OnFull: group.Block(ctx)})
	q := producer(t, h)
	require.NoError(t, q.Send(1))
	time.AfterFunc(5*time.Millisecond, cancel)
	require.ErrorIs(t, q.Send(2), context.Canceled)
	rest, err = q.SendBatch([]int{2, 3})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, []int{2, 3}, rest)

	k := newGroup(t, group.Config[int]{Worker: c.worker(1), Depth: 1, OnFull: group.Block(context.Background())})
	r := producer(t, k)
	require.NoError(t, r.Send(1))
	time.AfterFunc(5*time.Millisecond, k.Stop)
	require.ErrorIs(t, r.Send(2), group.ErrClosed, "a producer that waits must notice the end of the group")
	require.Equal(t, []int{1}, drain(t, k))
}

func TestConfigErrorsNameTheValue(t *testing.T) {
	var noContext context.Context
	w := func(*exec.Local, int) (group.Handler[int], error) { return nil, nil }
	for want, cfg := range map[string]group.Config[int]{
		"Config.Worker is nil":                   {},
		"Config.Workers is -1":                   {Worker: w, Workers: -1},
		"Config.Depth is -5":                     {Worker: w, Depth: -5},
		"Config.MaxProducers is 100000":          {Worker: w, MaxProducers: 100_000},
		"Config.CPUs lists 1 cpus (0) for 2":     {Worker: w, Workers: 2, CPUs: []int{0}},
		"may reorder the items of a key":         {Worker: w, Key: func(*int) uint64 { return 0 }},
		"Block(nil)":                             {Worker: w, OnFull: group.Block(noContext)},
		"Spill(0)":                               {Worker: w, OnFull: group.Spill(0)},
		"CallerRuns, but the items are not":      {Worker: w, OnFull: group.CallerRuns()},
		"limit":                                  {Worker: w, Balance: balance.BoundedDepth(0, balance.RoundRobin())},
		"Config.Burst is -1: it must be from 1 ": {Worker: w, Exec: exec.Config{Burst: -1}},
	} {
		_, err := group.New(cfg)
		require.ErrorContains(t, err, want)
	}
	g := newGroup(t, group.Config[int]{Worker: w})
	require.ErrorContains(t, g.Start(), "returned no handler for worker 0")
	boom := errors.New("boom")
	h := newGroup(t, group.Config[int]{Workers: 2, Worker: func(_ *exec.Local, id int) (group.Handler[int], error) {
		if id == 1 {
			return nil, boom
		}
		return group.HandlerFunc[int](func(_ *exec.Local, b []int) int { return len(b) }), nil
	}})
	p := producer(t, h)
	require.NoError(t, p.Send(1))
	require.NoError(t, p.Send(2))
	require.ErrorIs(t, h.Start(), boom)
	require.ErrorIs(t, p.Send(3), group.ErrClosed)
	s := h.Stats()
	require.EqualValues(t, 2, int(s.Executed)+len(drain(t, h)))
}

func TestProducerLimitAndPlacesGivenBack(t *testing.T) {
	var c collector[int]
	g := startGroup(t, group.Config[int]{Worker: c.worker(1), MaxProducers: 2})
	p, _ := producer(t, g), producer(t, g)
	_, err := g.Producer()
	require.ErrorIs(t, err, group.ErrTooMany)
	require.ErrorContains(t, err, "all 2 Producers are taken")
	for range 100 {
		require.NoError(t, p.Send(1))
		_, err = p.Close()
		require.NoError(t, err)
		for p, err = g.Producer(); err != nil; p, err = g.Producer() {
			require.ErrorIs(t, err, group.ErrTooMany, "what it sent was not taken yet")
			runtime.Gosched()
		}
	}
	drain(t, g)
	require.EqualValues(t, 100, balanced(t, g).Executed)
	_, err = g.Producer()
	require.ErrorIs(t, err, group.ErrClosed)
}

func TestStrangersSend(t *testing.T) {
	var c collector[item]
	g := startGroup(t, group.Config[item]{Workers: 2, Worker: c.worker(2), Depth: 16, Balance: balance.KeyHash(), Key: func(v *item) uint64 { return v.key }})
	var wg sync.WaitGroup
	for id := range 8 {
		wg.Go(func() {
			for i := range 500 {
				if err := g.Send(context.Background(), item{uint64(id), uint64(i)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	require.Empty(t, drain(t, g))
	last := map[uint64]uint64{}
	for _, got := range c.got {
		for _, v := range got {
			require.True(t, v.seq == 0 || last[v.key] == v.seq-1, "sender %d", v.key)
			last[v.key] = v.seq
		}
	}
	require.EqualValues(t, 4000, balanced(t, g).Executed)
	require.ErrorIs(t, g.TrySend(item{}), group.ErrClosed)
	require.ErrorIs(t, g.Send(context.Background(), item{}), group.ErrClosed)
}

// Producers, strangers and the drain race: accepted + rejected = sent, and what was
// accepted was executed, failed or returned.
func TestDrainRacesWithProducers(t *testing.T) {
	rounds := 40
	if testing.Short() {
		rounds = 8
	}
	for round := range rounds {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			var handled [2]int
			g := newGroup(t, group.Config[int]{Workers: 2, Depth: 4, Exec: exec.Config{OnPanic: func(exec.Panic) {}},
				Worker: func(_ *exec.Local, id int) (group.Handler[int], error) {
					return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
						for _, v := range batch {
							if v%97 == 0 {
								panic("planted")
							}
						}
						handled[id] += len(batch)
						return len(batch)
					}), nil
				}})
			require.NoError(t, g.Start())
			var accepted atomic.Int64
			var wg sync.WaitGroup
			for id := range 8 {
				p := producer(t, g)
				wg.Go(func() {
					for i := id; ; i++ {
						var err error
						switch i % 4 {
						case 0:
							if err = p.Send(i); err == nil {
								accepted.Add(1)
							}
						case 1:
							var rest []int
							rest, err = p.SendBatch([]int{i, i, i})
							accepted.Add(int64(3 - len(rest)))
						case 2:
							if err = g.TrySend(i); err == nil {
								accepted.Add(1)
							}
						case 3:
							n := 0
							for range 3 {
								if p.Stage(i) == nil {
									n++
								}
							}
							var rest []int
							rest, err = p.Flush()
							accepted.Add(int64(n - len(rest)))
						}
						if errors.Is(err, group.ErrClosed) {
							return
						}
					}
				})
			}
			time.Sleep(time.Duration(round%5) * time.Millisecond)
			undone := drain(t, g)
			wg.Wait()
			s := balanced(t, g)
			require.EqualValues(t, accepted.Load(), s.Accepted, "what producers were told")
			require.EqualValues(t, accepted.Load(), handled[0]+handled[1]+int(s.Failed)+len(undone))
		})
	}
}

func TestStopThenDrainReturnsTheRest(t *testing.T) {
	block := make(chan struct{})
	var once sync.Once
	entered := make(chan struct{})
	g := newGroup(t, group.Config[int]{Worker: func(*exec.Local, int) (group.Handler[int], error) {
		return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
			once.Do(func() { close(entered) })
			<-block
			return 1
		}), nil
	}})
	require.NoError(t, g.Start())
	p := producer(t, g)
	for i := range 10 {
		require.NoError(t, p.Send(i))
	}
	<-entered
	undone, err := g.Drain(within(10 * time.Millisecond))
	require.ErrorIs(t, err, exec.ErrRunning)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Empty(t, undone)
	close(block)
	require.NoError(t, g.Wait())
	undone = drain(t, g)
	s := balanced(t, g)
	require.EqualValues(t, 10, int(s.Executed)+len(undone))
	require.Equal(t, 9, undone[len(undone)-1])
}

func TestBlockingCallsOnALoop(t *testing.T) {
	g := startGroup(t, group.Config[exec.Task]{})
	errs := make(chan error, 8)
	require.NoError(t, g.TrySend(exec.Func(func(*exec.Local) {
		ctx := context.Background()
		errs <- g.Send(ctx, exec.Func(func(*exec.Local) {}))
		_, err := g.Drain(ctx)
		errs <- err
		errs <- g.Wait()
		errs <- g.Start()
	})))
	for range 4 {
		require.ErrorIs(t, <-errs, exec.ErrOnLoop)
	}
}

func TestNoAllocationWhenSending(t *testing.T) {
	g := newGroup(t, group.Config[item]{
		Workers: 2, Balance: balance.KeyHash(), Key: func(v *item) uint64 { return v.key }, Depth: 1 << 16,
		Worker: func(*exec.Local, int) (group.Handler[item], error) {
			return group.HandlerFunc[item](func(_ *exec.Local, b []item) int { return len(b) }), nil
		},
	})
	p := producer(t, g)
	vs := make([]item, 32)
	for name, f := range map[string]func(){
		"Send":      func() { _ = p.Send(item{key: 1}) },
		"SendBatch": func() { _, _ = p.SendBatch(vs) },
		"Stage":     func() { _ = p.Stage(item{key: 1}); _ = p.Stage(item{key: 2}); _, _ = p.Flush() },
		"TrySend":   func() { _ = g.TrySend(item{key: 1}) },
	} {
		if name == "TrySend" && exec.Checked {
			continue // under the race detector sync.Pool forgets at random
		}
		require.Zero(t, testing.AllocsPerRun(200, f), name)
	}
}
