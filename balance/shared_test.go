package balance_test

import (
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/balance/balancetest"
	"github.com/stretchr/testify/require"
)

func TestSharedContract(t *testing.T) {
	for name, p := range map[string]balance.Policy{
		"LeastLoaded":    balance.LeastLoaded(),
		"BoundedDepth":   balance.BoundedDepth(3, balance.LeastLoaded()),
		"StickyInFlight": balance.StickyInFlight(1024, balance.LeastLoaded()),
	} {
		t.Run(name, func(t *testing.T) {
			balancetest.RunShared(t, func() balance.Policy { return balance.Shared(p) }, balancetest.Options{Workers: []int{1, 2, 3, 8, 65}})
		})
	}
}

// item is one that was sent: its key, and its position at its worker as the shared balancer was shown it.
type item struct {
	key, at uint64
}

// truth is a group whose lanes everybody can see.
type truth struct {
	lanes [][][]item // by producer, by worker: what waits
	views []*balance.View
	bals  []balance.Balancer
	cap   int
}

// group makes producers of one policy, with lanes to n workers.
func group(t *testing.T, p balance.Policy, producers, n, lanes int) *truth {
	t.Helper()
	g := &truth{cap: lanes}
	for range producers {
		v := balance.NewView(n)
		g.views = append(g.views, v)
		g.bals = append(g.bals, make1(t, p, v))
		g.lanes = append(g.lanes, make([][]item, n))
	}
	return g
}

// take lets worker w take k items of producer p.
func (g *truth) take(p, w, k int) { g.lanes[p][w] = g.lanes[p][w][min(k, len(g.lanes[p][w])):] }

// refresh shows producer p what has been taken.
func (g *truth) refresh(p int) {
	v := g.views[p]
	for w := range v.N() {
		v.Taken[w] = v.Sent[w] - uint64(len(g.lanes[p][w]))
		v.Depth[w] = uint64(g.inFlight(w))
	}
}

// inFlight is what waits for worker w, of all producers.
func (g *truth) inFlight(w int) (n int) {
	for p := range g.lanes {
		n += len(g.lanes[p][w])
	}
	return n
}

// send sends an item, unless the lane is full: at is its position.
func (g *truth) send(p, w int, it item) {
	if len(g.lanes[p][w]) == g.cap {
		return
	}
	g.lanes[p][w] = append(g.lanes[p][w], it)
	g.views[p].Sent[w]++
	g.views[p].Depth[w]++
}

// watch lets others look at what was taken from producer p.
func (g *truth) watch(p int) {
	g.bals[p].(balance.Watcher).Watch(func(w int) uint64 { return g.views[p].Sent[w] - uint64(len(g.lanes[p][w])) })
}

// spy is a policy that picks at random and hands each View that it is shown to see.
func spy(rng *rand.Rand, reads balance.Reads, see func(v *balance.View)) balance.Policy {
	return func(v *balance.View) (balance.Balancer, error) {
		return &spying{rng, reads, see}, nil
	}
}

type spying struct {
	rng   *rand.Rand
	reads balance.Reads
	see   func(v *balance.View)
}

func (s *spying) Pick(_ uint64, v *balance.View) int {
	s.see(v)
	if w := s.rng.IntN(v.N()); v.IsOpen(w) {
		return w
	}
	return balance.Full
}
func (s *spying) Update(*balance.View) error { return nil }
func (s *spying) Ordered() bool              { return false }
func (s *spying) Reads() balance.Reads       { return s.reads }

// unpicked is the position of an item that was sent to a worker by name.
const unpicked = 1 << 60

// The merged Taken never leads: nothing that waits has a position below it. And with everybody up to date it does not lag.
func TestSharedWatermark(t *testing.T) {
	for seed := range uint64(16) {
		rng := rand.New(rand.NewPCG(seed, 4))
		producers, n := 1+rng.IntN(5), 1+rng.IntN(4)
		var (
			g     *truth
			shown balance.View
			tight bool // everybody has shown everything
		)
		see := func(v *balance.View) {
			shown.Sent = append(shown.Sent[:0], v.Sent...)
			for w := range n {
				require.LessOrEqual(t, v.Taken[w], v.Sent[w])
				require.GreaterOrEqual(t, v.Depth[w], v.Sent[w]-v.Taken[w])
				picked := uint64(0)
				for p := range g.lanes {
					for _, it := range g.lanes[p][w] {
						if it.at < v.Taken[w] {
							require.FailNow(t, "an item that waits counts as taken", "worker %d: item %d, Taken %d", w, it.at, v.Taken[w])
						}
						if it.at != unpicked {
							picked++
						}
					}
				}
				require.GreaterOrEqual(t, v.Sent[w]-v.Taken[w], picked)
				if tight {
					require.LessOrEqual(t, v.Sent[w]-v.Taken[w], uint64(2*producers), "all was taken and shown: only last picks hang in the air")
				}
			}
		}
		g = group(t, balance.Shared(spy(rng, balance.ReadsAll, see)), producers, n, 1+rng.IntN(64))
		for p := range producers {
			if seed%3 == 0 {
				g.watch(p)
			}
		}
		for range 4000 {
			p, w := rng.IntN(producers), rng.IntN(n)
			switch rng.IntN(8) {
			case 0, 1:
				if seed%2 == 0 || rng.IntN(20) == 0 { // or let many runs wait
					g.take(p, w, 1+rng.IntN(40))
				}
			case 2:
				g.refresh(p)
			case 3:
				if rng.IntN(50) == 0 { // everybody shows everything, nobody sends
					for p := range producers {
						for w := range n {
							g.take(p, w, g.cap)
						}
						g.refresh(p)
						g.bals[p].Pick(0, g.views[p])
					}
					tight = true
					g.bals[p].Pick(0, g.views[p])
					tight = false
				}
			case 4: // sent without a pick: its position is found out later
				if rng.IntN(10) == 0 {
					g.send(p, w, item{at: unpicked})
				}
			default:
				if w := g.bals[p].Pick(rng.Uint64(), g.views[p]); rng.IntN(6) > 0 {
					g.send(p, w, item{at: shown.Sent[w]})
				}
			}
		}
	}
}

// A key is in flight at one worker at a time, whichever producers send it, and across changes that producers see at
// different times.
func TestSharedStickyIsExclusive(t *testing.T) {
	for seed := range uint64(16) {
		rng := rand.New(rand.NewPCG(seed, 5))
		producers, n := 2+rng.IntN(4), 2+rng.IntN(4)
		next := []balance.Policy{balance.RoundRobin(), balance.LeastLoaded(), balance.KeyHash()}[seed%3]
		g := group(t, balance.Shared(balance.StickyInFlight(256, next)), producers, n, 8)
		require.True(t, g.bals[0].Ordered())
		require.True(t, balance.IsSticky(g.bals[0]))
		sent, moved, last := 0, 0, map[uint64]int{}
		for range 4000 {
			p := rng.IntN(producers)
			switch rng.IntN(8) {
			case 0, 1:
				g.take(rng.IntN(producers), rng.IntN(n), 1+rng.IntN(8))
			case 2:
				g.refresh(p)
			case 3:
				if rng.IntN(20) == 0 {
					v := g.views[p]
					for w := range n {
						v.SetOpen(w, rng.IntN(3) > 0)
					}
					v.SetOpen(rng.IntN(n), true)
					require.NoError(t, g.bals[p].Update(v))
				}
			default:
				key := rng.Uint64N(8)
				to := g.bals[p].Pick(key, g.views[p])
				if to == balance.Full {
					continue
				}
				require.True(t, g.views[p].IsOpen(to))
				for q := range producers {
					for w := range n {
						for _, it := range g.lanes[q][w] {
							if it.key == key && w != to {
								require.FailNow(t, "a key at two workers", "key %d is sent to worker %d, while it waits at %d", key, to, w)
							}
						}
					}
				}
				if was, ok := last[key]; ok && was != to {
					moved++
				}
				last[key] = to
				sent++
				g.send(p, to, item{key: key})
			}
		}
		require.Greater(t, sent, 500)
		require.Positive(t, moved, "keys do move")
	}
}

// bounded is a policy that allows at most k items in flight at a worker, by what it is shown.
func bounded(k uint64) balance.Policy {
	return func(v *balance.View) (balance.Balancer, error) { return limiting(k), nil }
}

type limiting uint64

func (k limiting) Pick(key uint64, v *balance.View) int {
	for i := range v.N() {
		w := int((key + uint64(i)) % uint64(v.N()))
		if v.IsOpen(w) && v.Sent[w]-v.Taken[w] < uint64(k) {
			return w
		}
	}
	return balance.Full
}
func (limiting) Update(*balance.View) error { return nil }
func (limiting) Ordered() bool              { return false }
func (limiting) Reads() balance.Reads       { return balance.ReadsTaken }

// A bound on what is in flight bounds the sum: a pick counts before it is sent.
func TestSharedBoundsTheSum(t *testing.T) {
	const k, producers, n = 3, 4, 3
	for name, p := range map[string]balance.Policy{
		"by Taken": balance.Shared(bounded(k)),
		"by Depth": balance.Shared(balance.BoundedDepth(k, balance.LeastLoaded())),
	} {
		rng := rand.New(rand.NewPCG(6, 7))
		g := group(t, p, producers, n, 8)
		full, reached := 0, 0
		for range 20000 {
			p := rng.IntN(producers)
			switch rng.IntN(4) {
			case 0:
				g.take(p, rng.IntN(n), 1)
			case 1:
				g.refresh(p)
			default:
				to := g.bals[p].Pick(rng.Uint64(), g.views[p])
				if to == balance.Full {
					full++
					continue
				}
				if rng.IntN(5) > 0 {
					g.send(p, to, item{})
				}
				if w := g.inFlight(to); w == k {
					reached++
				} else {
					require.Less(t, w, k, "%s: in flight at worker %d", name, to)
				}
			}
		}
		require.Positive(t, full, name)
		require.Positive(t, reached, name)
	}
}

// Two producers that have both picked, and neither sent: the second sees the first's pick.
func TestSharedCountsPicksAtOnce(t *testing.T) {
	g := group(t, balance.Shared(bounded(1)), 2, 1, 8)
	a, b := g.bals[0], g.bals[1]
	require.Equal(t, 0, a.Pick(0, g.views[0]))
	require.Equal(t, balance.Full, b.Pick(0, g.views[1]), "a is about to send")
	require.Equal(t, 0, a.Pick(0, g.views[0]), "a's pick was refused, and is taken back at its next call")
	g.send(0, 0, item{})
	require.Equal(t, balance.Full, a.Pick(0, g.views[0]))
	require.Equal(t, balance.Full, b.Pick(0, g.views[1]))
	g.take(0, 0, 1)
	g.refresh(0)
	require.Equal(t, balance.Full, b.Pick(0, g.views[1]), "a has not shown it")
	require.Equal(t, 0, a.Pick(0, g.views[0]))
}

// Others do not wait for an idle producer whose lanes they may look at.
func TestSharedWatch(t *testing.T) {
	g := group(t, balance.Shared(bounded(1)), 2, 2, 8)
	g.watch(0)
	for range 2 {
		g.send(0, g.bals[0].Pick(0, g.views[0]), item{})
	}
	g.take(0, 0, 1)
	require.Equal(t, 0, g.bals[1].Pick(0, g.views[1]), "at once, also if producer 0 was busy just now")
	g.send(1, 0, item{})
	require.Equal(t, balance.Full, g.bals[1].Pick(0, g.views[1]))
	g.take(0, 1, 1) // and producer 0 goes to sleep
	require.Equal(t, 1, g.bals[1].Pick(0, g.views[1]))
	g.send(1, 1, item{})
	require.Equal(t, balance.Full, g.bals[1].Pick(0, g.views[1]))
}

// While nobody is refused, too, if not at once: a key that follows the items of an idle producer is let go, and a worker that
// seems deep is not shunned for ever.
func TestSharedWatchWithoutFull(t *testing.T) {
	for name, p := range map[string]balance.Policy{
		"sticky": balance.StickyInFlight(64, balance.RoundRobin()), "least": balance.LeastLoaded(),
	} {
		g := group(t, balance.Shared(p), 2, 2, 1000)
		g.watch(0)
		for g.views[0].Sent[0] < 500 {
			g.send(0, g.bals[0].Pick(5, g.views[0]), item{})
		}
		g.take(0, 0, 500) // and producer 0 goes to sleep
		g.take(0, 1, 500)
		used := map[int]bool{}
		for range 200 {
			w := g.bals[1].Pick(5, g.views[1])
			used[w] = true
			g.send(1, w, item{})
			g.take(1, w, 1)
			g.refresh(1)
		}
		require.Len(t, used, 2, name)
	}
}

// A producer that ends leaves nothing that others wait for.
func TestSharedClose(t *testing.T) {
	for _, watched := range []bool{false, true} {
		g := group(t, balance.Shared(bounded(2)), 2, 1, 8)
		if watched {
			g.watch(0)
		}
		g.send(0, g.bals[0].Pick(0, g.views[0]), item{})
		require.Equal(t, 0, g.bals[0].Pick(0, g.views[0])) // refused
		require.Equal(t, balance.Full, g.bals[1].Pick(0, g.views[1]))
		g.bals[0].(balance.Closer).Close(g.views[0])
		g.bals[0].(balance.Closer).Close(g.views[0]) // once more: nothing happens
		require.Equal(t, balance.Full, g.bals[0].Pick(0, g.views[0]))
		require.Equal(t, 0, g.bals[1].Pick(0, g.views[1]), "the refused pick is gone")
		g.send(1, 0, item{})
		if watched {
			require.Equal(t, balance.Full, g.bals[1].Pick(0, g.views[1]), "what a closed producer sent still waits")
			g.take(0, 0, 1)
		}
		require.Equal(t, 0, g.bals[1].Pick(0, g.views[1]))
	}
}

// Producers that come and go leave nothing behind, nor do Balancers that nobody used.
func TestSharedMembersLeave(t *testing.T) {
	p := balance.Shared(bounded(8))
	g := group(t, p, 6, 1, 8)
	require.Zero(t, balance.Members(g.bals[0]))
	for i := range 4 {
		if i < 2 {
			g.watch(i)
		}
		g.send(i, g.bals[i].Pick(0, g.views[i]), item{})
		g.bals[i].Pick(0, g.views[i])
	}
	require.Equal(t, 4, balance.Members(g.bals[5]))
	for i := range 3 {
		g.bals[i].(balance.Closer).Close(g.views[i])
	}
	g.bals[4].(balance.Closer).Close(g.views[4])
	require.Equal(t, 3, balance.Members(g.bals[5]), "one that is open, two that have an item in flight")
	g.take(0, 0, 1)
	g.bals[5].(balance.Closer).Close(g.views[5])
	require.Equal(t, 2, balance.Members(g.bals[5]))
}

// Wrappers pass on that a producer ends, and how to look at it.
func TestWrappersPassOn(t *testing.T) {
	for name, wrap := range map[string]func(balance.Policy) balance.Policy{
		"BoundedDepth":   func(p balance.Policy) balance.Policy { return balance.BoundedDepth(9, p) },
		"StickyInFlight": func(p balance.Policy) balance.Policy { return balance.StickyInFlight(64, p) },
		"Flowlet":        func(p balance.Policy) balance.Policy { return balance.Flowlet(64, 1, p) },
		"StickySpill":    func(p balance.Policy) balance.Policy { return balance.StickySpill(64, 2, 1, p) },
		"Shared":         balance.Shared,
	} {
		var watched, closed int
		ear := listening{balance.Balancer(nil), &watched, &closed}
		b := make1(t, wrap(func(v *balance.View) (balance.Balancer, error) {
			var err error
			ear.Balancer, err = balance.KeyHash()(v)
			return ear, err
		}), balance.NewView(2))
		b.(balance.Watcher).Watch(func(int) uint64 { return 0 })
		b.(balance.Closer).Close(balance.NewView(2))
		if name == "Shared" { // its balancers are members of their own
			require.Zero(t, watched+closed)
			continue
		}
		require.Equal(t, []int{1, 1}, []int{watched, closed}, name)
	}
}

type listening struct {
	balance.Balancer
	watched, closed *int
}

func (l listening) Watch(func(int) uint64) { *l.watched++ }
func (l listening) Close(*balance.View)    { *l.closed++ }

func TestSharedRotation(t *testing.T) {
	p := balance.Shared(balance.RoundRobin())
	g, other := group(t, p, 2, 3, 8), group(t, balance.Shared(balance.RoundRobin()), 1, 3, 8)
	require.Zero(t, balance.ReadsOf(g.bals[0]))
	require.Equal(t, balance.ReadsTaken|balance.ReadsDepth, balance.ReadsOf(make1(t, balance.Shared(balance.LeastLoaded()), g.views[0])))
	var got []int
	for i := range 6 {
		got = append(got, g.bals[i%2].Pick(0, g.views[i%2]))
	}
	require.Equal(t, []int{0, 1, 2, 0, 1, 2}, got, "one rotation for both")
	require.Equal(t, 0, other.bals[0].Pick(0, other.views[0]), "and another group has its own")
}

// Membership follows whoever says it last, and no pick is one that the producer does not have open.
func TestSharedMembership(t *testing.T) {
	g := group(t, balance.Shared(balance.RoundRobin()), 2, 3, 8)
	a, b, va, vb := g.bals[0], g.bals[1], g.views[0], g.views[1]
	va.SetOpen(1, false)
	require.NoError(t, a.Update(va))
	require.Equal(t, []int{0, 2, 0, 2}, []int{b.Pick(0, vb), b.Pick(0, vb), b.Pick(0, vb), b.Pick(0, vb)}, "b has not heard of it")
	grown := balance.NewView(5)
	grown.SetOpen(0, false)
	require.NoError(t, b.Update(grown))
	seen := map[int]bool{}
	for range 8 {
		seen[a.Pick(0, va)] = true
	}
	require.Equal(t, map[int]bool{balance.Full: true, 2: true}, seen, "3 and 4 are not in a's View, 1 is closed in it")

	closed := balance.NewView(3)
	for i := range 3 {
		closed.SetOpen(i, false)
	}
	require.ErrorIs(t, a.Update(closed), balance.ErrNoWorker)
	require.Equal(t, balance.Full, b.Pick(0, grown))
	require.NoError(t, b.Update(grown))
	require.NotEqual(t, balance.Full, b.Pick(0, grown))
}

func TestSharedRefusesNonsense(t *testing.T) {
	v, closed := balance.NewView(1), balance.NewView(1)
	closed.SetOpen(0, false)
	_, err := balance.Shared(nil)(v)
	require.ErrorContains(t, err, "Shared has no next policy")
	p := balance.Shared(balance.KeyHash())
	for _, none := range []*balance.View{{}, closed} {
		b, err := p(none)
		require.ErrorIs(t, err, balance.ErrNoWorker)
		require.Nil(t, b)
	}
	b := make1(t, p, v)
	_, err = p(closed)
	require.ErrorIs(t, err, balance.ErrNoWorker)
	require.Equal(t, 0, b.Pick(1, v), "a producer that cannot be served closes nobody's workers")
	uneven := balance.NewView(3)
	uneven.Weight = uneven.Weight[:2]
	require.ErrorContains(t, b.Update(uneven), "2 weights")
	require.Equal(t, 0, b.Pick(1, v))
	mine := errors.New("mine")
	_, err = balance.Shared(func(*balance.View) (balance.Balancer, error) { return nil, mine })(v)
	require.ErrorIs(t, err, mine)
}

// An index that leaves takes nothing with it, and returns with counts of its own.
func TestSharedIndicesComeAndGo(t *testing.T) {
	p := balance.Shared(bounded(2))
	v := balance.NewView(3)
	b := make1(t, p, v)
	for range 6 {
		w := b.Pick(0, v)
		v.Sent[w]++
	}
	require.Equal(t, balance.Full, b.Pick(0, v))
	fewer := balance.NewView(1)
	copy(fewer.Sent, v.Sent)
	require.NoError(t, b.Update(fewer))
	require.Equal(t, balance.Full, b.Pick(0, fewer))
	again := balance.NewView(3)
	copy(again.Sent, fewer.Sent)
	require.NoError(t, b.Update(again))
	var got []int
	for range 5 {
		w := b.Pick(0, again)
		if got = append(got, w); w != balance.Full {
			again.Sent[w]++
		}
	}
	require.Equal(t, []int{1, 1, 2, 2, balance.Full}, got)
}

// Runs of producers that take turns are told apart: the watermark is as high as it can be.
func TestSharedRuns(t *testing.T) {
	var taken uint64
	g := group(t, balance.Shared(spy(rand.New(rand.NewPCG(1, 1)), balance.ReadsTaken, func(v *balance.View) {
		taken = v.Taken[0]
	})), 2, 1, 64)
	for range 4 {
		for p := range 2 {
			for range 3 {
				g.bals[p].Pick(0, g.views[p])
				g.send(p, 0, item{})
			}
		}
	}
	look := func() uint64 {
		for p := range 2 {
			g.refresh(p)
			g.bals[p].Pick(0, g.views[p])
		}
		g.bals[0].Pick(0, g.views[0])
		return taken
	}
	require.EqualValues(t, 0, look())
	for _, step := range []struct{ p, n, want int }{
		{0, 2, 2},  // two of the first three
		{1, 3, 2},  // all of the second three: the third waits
		{0, 1, 6},  // now both
		{0, 3, 9},  // and the other's turn
		{1, 2, 11}, // the last of these waits
		{0, 6, 11}, // all of producer 0
		{1, 1, 15}, // up to the other's third turn
		{1, 5, 23}, // but for the last
	} {
		g.take(step.p, 0, step.n)
		require.EqualValues(t, step.want, look(), "%+v", step)
	}
}

// Producers at the same time, for -race; the sum is exact because every pick is sent.
func TestSharedConcurrently(t *testing.T) {
	const producers, n, items = 4, 3, 2000
	p := balance.Shared(balance.RoundRobin())
	got := make([][]int, producers)
	var wg sync.WaitGroup
	for i := range producers {
		got[i] = make([]int, n)
		wg.Go(func() {
			v := balance.NewView(n)
			b, err := p(v)
			if err != nil {
				t.Error(err)
				return
			}
			for range items {
				w := b.Pick(0, v)
				got[i][w]++
				v.Sent[w]++
			}
			b.(balance.Closer).Close(v)
		})
	}
	wg.Wait()
	var sum [n]int
	for i := range got {
		for w, k := range got[i] {
			sum[w] += k
		}
	}
	for _, k := range sum {
		require.InDelta(t, producers*items/n, k, 1)
	}
}

// Exclusive while it runs: producers send, workers take, and everybody looks at everybody's lanes, all at the same time. No
// key is ever in the hands of two workers.
func TestSharedStickyLive(t *testing.T) {
	const producers, n, items, keys, lane = 3, 3, 1500, 6, 8
	p := balance.Shared(balance.StickyInFlight(64, balance.LeastLoaded()))
	var (
		lanes  [producers][n]chan uint64
		taken  [producers][n]atomic.Uint64
		inHand [keys]atomic.Int32
		ran    atomic.Int64
		wg, ws sync.WaitGroup
		done   = make(chan struct{})
	)
	for i := range lanes {
		for w := range n {
			lanes[i][w] = make(chan uint64, lane)
		}
	}
	for w := range n {
		ws.Go(func() {
			for {
				idle := true
				for i := range lanes {
					select {
					case key := <-lanes[i][w]:
						if inHand[key].Add(1) != 1 {
							t.Errorf("key %d is in the hands of two workers", key)
						}
						runtime.Gosched()
						inHand[key].Add(-1)
						taken[i][w].Add(1)
						ran.Add(1)
						idle = false
					default:
					}
				}
				if idle {
					select {
					case <-done:
						return
					default:
						runtime.Gosched()
					}
				}
			}
		})
	}
	for i := range producers {
		wg.Go(func() {
			v := balance.NewView(n)
			b, err := p(v)
			if err != nil {
				t.Error(err)
				return
			}
			b.(balance.Watcher).Watch(func(w int) uint64 { return taken[i][w].Load() })
			defer func() { b.(balance.Closer).Close(v) }()
			rng := rand.New(rand.NewPCG(uint64(i), 8))
			for sent := 0; sent < items; {
				if rng.IntN(4) == 0 {
					for w := range n {
						v.Taken[w] = taken[i][w].Load()
						v.Depth[w] = v.Sent[w] - v.Taken[w]
					}
				}
				key := rng.Uint64N(keys)
				w := b.Pick(key, v)
				if w == balance.Full {
					t.Errorf("Full with all workers open")
					return
				}
				select {
				case lanes[i][w] <- key:
					v.Sent[w]++
					v.Depth[w]++
					sent++
				default:
					runtime.Gosched()
				}
			}
		})
	}
	wg.Wait()
	for ran.Load() < producers*items { // what was sent is taken: nobody waits for anybody
		runtime.Gosched()
	}
	close(done)
	ws.Wait()
	require.EqualValues(t, producers*items, ran.Load())
}
