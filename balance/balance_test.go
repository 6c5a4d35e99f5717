package balance_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/balance/balancetest"
	"github.com/stretchr/testify/require"
)

// policies are the ones this package offers, each on its own and as the other's next.
var policies = []struct {
	name   string
	policy balance.Policy
}{
	{"policy=RoundRobin", balance.RoundRobin()},
	{"policy=KeyHash", balance.KeyHash()},
	{"policy=LeastLoaded", balance.LeastLoaded()},
	{"policy=SmoothWeighted", balance.SmoothWeighted()},
	{"policy=Random", balance.Random(1)},
	{"policy=PowerOfTwo", balance.PowerOfTwo(1)},
	{"policy=PowerOf/d=3", balance.PowerOf(3, 1)},
	{"policy=JoinIdle/next=Random", balance.JoinIdle(balance.Random(1))},
	{"policy=JBSQ/k=2", balance.JBSQ(2)},
	{"policy=Fallback/first=BoundedDepth/second=PowerOfTwo", balance.Fallback(balance.BoundedDepth(2, balance.KeyHash()), balance.PowerOfTwo(1))},
	{"policy=Traced/next=RoundRobin", balance.Traced(balance.NewTrace(4, 64), balance.RoundRobin())},
	{"policy=BoundedDepth/next=RoundRobin", balance.BoundedDepth(64, balance.RoundRobin())},
	{"policy=BoundedDepth/next=KeyHash", balance.BoundedDepth(64, balance.KeyHash())},
	{"policy=BoundedDepth/next=LeastLoaded", balance.BoundedDepth(64, balance.LeastLoaded())},
	{"policy=StickyInFlight/next=KeyHash", balance.StickyInFlight(4096, balance.KeyHash())},
	{"policy=StickyInFlight/next=LeastLoaded", balance.StickyInFlight(4096, balance.LeastLoaded())},
	{"policy=Flowlet/next=LeastLoaded", balance.Flowlet(4096, time.Millisecond, balance.LeastLoaded())},
	{"policy=StickySpill/owner=KeyHash", balance.StickySpill(4096, 64, 16, balance.KeyHash())},
	{"policy=Jump", balance.Jump()},
	{"policy=Rendezvous", balance.Rendezvous()},
	{"policy=Maglev/size=4099", balance.Maglev(4099)},
	{"policy=BoundedLoad", balance.BoundedLoad(0.25)},
	{"policy=RSS/buckets=128", balance.RSS(indirection(128))},
}

func TestContract(t *testing.T) {
	for _, p := range policies {
		t.Run(p.name, func(t *testing.T) { balancetest.Run(t, p.policy) })
	}
	t.Run("limit=1", func(t *testing.T) { balancetest.Run(t, balance.BoundedDepth(1, balance.RoundRobin())) })
	t.Run("twice", func(t *testing.T) {
		balancetest.Run(t, balance.BoundedDepth(10, balance.BoundedDepth(3, balance.RoundRobin())))
	})
}

// make1 makes a balancer or fails the test.
func make1(t *testing.T, p balance.Policy, v *balance.View) balance.Balancer {
	t.Helper()
	b, err := p(v)
	require.NoError(t, err)
	return b
}

func TestNobodyOpen(t *testing.T) {
	closed := balance.NewView(3)
	for i := range 3 {
		closed.SetOpen(i, false)
	}
	for _, p := range policies {
		t.Run(p.name, func(t *testing.T) {
			for _, v := range []*balance.View{{}, balance.NewView(0), balance.NewView(-1), closed} {
				b, err := p.policy(v)
				require.ErrorIs(t, err, balance.ErrNoWorker)
				require.Nil(t, b)
			}
			_, err := p.policy(closed)
			require.ErrorContains(t, err, "0 of 3")

			b := make1(t, p.policy, balance.NewView(3))
			require.ErrorIs(t, b.Update(closed), balance.ErrNoWorker)
			out := []int{7, 7}
			for range 4 {
				require.Equal(t, balance.Full, b.Pick(rand.Uint64(), closed))
			}
			if bp, ok := b.(balance.BatchPicker); ok {
				bp.PickBatch([]uint64{1, 2}, closed, out)
				require.Equal(t, []int{balance.Full, balance.Full}, out)
			}
			require.NoError(t, b.Update(balance.NewView(3)), "a later Update mends it")
			require.NotEqual(t, balance.Full, b.Pick(1, balance.NewView(3)))
		})
	}
}

func TestUnevenViewIsRefused(t *testing.T) {
	for _, p := range policies {
		v := balance.NewView(3)
		v.Weight = v.Weight[:2]
		_, err := p.policy(v)
		require.ErrorContains(t, err, "2 weights", p.name)

		v = balance.NewView(65)
		v.Open = v.Open[:1]
		_, err = p.policy(v)
		require.ErrorContains(t, err, "1 bitmap words", p.name)
	}
}

// load deals keys to n workers and returns how many each got.
func load(t *testing.T, b balance.Balancer, n int, keys []uint64) []int {
	t.Helper()
	v, got := balance.NewView(n), make([]int, n)
	for _, k := range keys {
		got[b.Pick(k, v)]++
	}
	return got
}

// requireEven fails if counts stray from an even spread further than one fair die in about 10^7 would: chi-square, with
// the Wilson-Hilferty bound at five standard deviations.
func requireEven(t *testing.T, counts []int, msg string) {
	t.Helper()
	total := 0
	for _, c := range counts {
		total += c
	}
	want, chi := float64(total)/float64(len(counts)), 0.0
	for _, c := range counts {
		chi += (float64(c) - want) * (float64(c) - want) / want
	}
	require.Less(t, chi, chiLimit(float64(len(counts)-1)), "%s: %v", msg, counts)
}
