package balance_test

import (
	"errors"
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

// While nobody is refused, too, if not at once: a key that follows the items of an idle producer is let go, and a
// worker that seems deep is not shunned for ever.
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
		g.bals[0].(balance.Member).Close(g.views[0])
		g.bals[0].(balance.Member).Close(g.views[0]) // once more: nothing happens
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
		g.bals[i].(balance.Member).Close(g.views[i])
	}
	g.bals[4].(balance.Member).Close(g.views[4])
	require.Equal(t, 3, balance.Members(g.bals[5]), "one that is open, two that have an item in flight")
	g.take(0, 0, 1)
	g.bals[5].(balance.Member).Close(g.views[5])
	require.Equal(t, 2, balance.Members(g.bals[5]))
}

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
