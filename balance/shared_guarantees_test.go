package balance_test

import (
	"math/rand/v2"
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/stretchr/testify/require"
)

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

// The merged Taken never leads: nothing that waits has a position below it. And with everybody up to date it does not
// lag.
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
