package balance_test

import (
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
)

func TestTracedNotesDecisions(t *testing.T) {
	trace := balance.NewTrace(4, 3)
	require.Empty(t, trace.Snapshot())
	p := balance.Traced(trace, balance.JBSQ(1))
	v := balance.NewView(2)
	a, b := make1(t, p, v), make1(t, p, v)
	v.Now = 5
	for key := range uint64(2) {
		send(a, key, v)
	}
	v.Now = 6
	b.Pick(77, v)
	want := []balance.Decision{
		{Balancer: 0, Seq: 0, Now: 5, Key: 0, Pick: 0, Depth: []uint64{0, 0}},
		{Balancer: 0, Seq: 1, Now: 5, Key: 1, Pick: 1, Depth: []uint64{1, 0}},
		{Balancer: 1, Seq: 0, Now: 6, Key: 77, Pick: balance.Full, Depth: []uint64{1, 1}},
	}
	require.Equal(t, want, trace.Snapshot())
	require.Equal(t, want, trace.Snapshot(), "a look changes nothing")
	require.Equal(t, "0/1 key 0x1 -> worker 1 of depths [1 0]", want[1].String())
	require.Equal(t, "1/0 key 0x4d -> full of depths [1 1]", want[2].String())

	v.Depth[0], v.Depth[1] = 0, 0
	got := trace.Snapshot()
	require.Equal(t, want, got, "what was seen stays as it was seen")
	got[0].Depth[0] = 99
	require.Equal(t, want, trace.Snapshot(), "a snapshot is a copy")
}

// The latest decisions of the latest balancers are kept, and gaps show what is not.
func TestTraceIsBounded(t *testing.T) {
	trace := balance.NewTrace(2, 3)
	p := balance.Traced(trace, balance.RoundRobin())
	v := balance.NewView(2)
	var all []balance.Balancer
	for range 4 {
		all = append(all, make1(t, p, v))
	}
	for _, b := range all {
		picks(b, v, 8)
	}
	type at struct {
		balancer int
		seq      uint64
	}
	var got []at
	for _, d := range trace.Snapshot() {
		got = append(got, at{d.Balancer, d.Seq})
	}
	require.Equal(t, []at{{2, 5}, {2, 6}, {2, 7}, {3, 5}, {3, 6}, {3, 7}}, got)
	for range 3 {
		make1(t, p, v) // and never asked: a group tries its policy so when workers come and go
	}
	require.Len(t, trace.Snapshot(), len(got), "they take nobody's place")
}

// Groups grow and shrink; entries have room for every worker there is.
func TestTracedFollowsMembership(t *testing.T) {
	trace := balance.NewTrace(1, 64)
	b := make1(t, balance.Traced(trace, balance.RoundRobin()), balance.NewView(1))
	for _, n := range []int{1, 70, 2} {
		v := balance.NewView(n)
		v.Depth[n-1] = uint64(n)
		require.NoError(t, b.Update(v))
		require.Zero(t, testing.AllocsPerRun(1, func() { // twice, together once round the ring
			for range 32 {
				b.Pick(1, v)
			}
		}))
		all := trace.Snapshot()
		require.Equal(t, v.Depth, all[len(all)-1].Depth)
	}
}

func TestTracedIsWhatNextIs(t *testing.T) {
	v := balance.NewView(3)
	trace := balance.NewTrace(8, 8)
	keyed := make1(t, balance.Traced(trace, balance.KeyHash()), v)
	require.True(t, keyed.Ordered())
	require.False(t, balance.IsSticky(keyed))
	require.Equal(t, balance.ReadsDepth|balance.ReadsNow, balance.ReadsOf(keyed))
	require.Equal(t, balance.ReadsAll, balance.ReadsOf(make1(t, balance.Traced(trace, reading(balance.ReadsTaken)), v)))
	require.False(t, make1(t, balance.Traced(trace, balance.RoundRobin()), v).Ordered())
	require.True(t, balance.IsSticky(make1(t, balance.Traced(trace, sticky), v)))

	plain, err := balance.KeyHash()(v)
	require.NoError(t, err)
	off := make1(t, balance.Traced(nil, balance.KeyHash()), v)
	require.IsType(t, plain, off, "a nil trace leaves nothing in the way")
}

// sticky says that it is.
func sticky(v *balance.View) (balance.Balancer, error) {
	b, err := balance.KeyHash()(v)
	return sticking{b}, err
}

type sticking struct{ balance.Balancer }

func (sticking) Sticky() bool { return true }

func TestTracedRefusesNonsense(t *testing.T) {
	for _, c := range []struct{ balancers, decisions int }{{0, 5}, {5, 0}, {-1, 5}, {5, -1}} {
		_, err := balance.Traced(balance.NewTrace(c.balancers, c.decisions), balance.RoundRobin())(balance.NewView(1))
		require.ErrorContains(t, err, "want at least 1 of each")
	}
	_, err := balance.Traced(balance.NewTrace(-7, 5), balance.RoundRobin())(balance.NewView(1))
	require.ErrorContains(t, err, "5 decisions of each of -7 balancers")
	_, err = balance.Traced(balance.NewTrace(1, math.MaxInt), balance.RoundRobin())(balance.NewView(1))
	require.ErrorContains(t, err, fmt.Sprintf("%d decisions of each balancer is too long (want at most 1048576)", math.MaxInt))
}

// Producers pick while somebody reads: every decision read is one that was made, whole, and in order.
func TestTraceIsReadWhileBalancersPick(t *testing.T) {
	const producers, snapshots, n = 3, 40, 5
	trace := balance.NewTrace(producers, 16)
	p := balance.Traced(trace, balance.KeyHash())
	var (
		wg    sync.WaitGroup
		ended atomic.Bool
	)
	defer wg.Wait()
	defer ended.Store(true)
	for range producers {
		v := balance.NewView(n)
		b := make1(t, p, v)
		wg.Go(func() {
			for k := uint64(0); !ended.Load(); k++ {
				for i := range v.Depth {
					v.Depth[i] = k // so that a torn entry shows
				}
				v.Now = int64(k)
				b.Pick(k, v)
				if k%512 == 0 {
					if err := b.Update(v); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	v := balance.NewView(n)
	home := make1(t, balance.KeyHash(), v)
	for read := 0; read < snapshots; {
		last := balance.Decision{Balancer: -1}
		all := trace.Snapshot()
		if len(all) > 0 { // else nobody has had the processor yet
			read++
		}
		for _, d := range all {
			require.Equal(t, []uint64{d.Key, d.Key, d.Key, d.Key, d.Key}, d.Depth)
			require.Equal(t, d.Seq, d.Key)
			require.Equal(t, int64(d.Seq), d.Now)
			require.Equal(t, home.Pick(d.Key, v), d.Pick)
			if d.Balancer == last.Balancer {
				require.Greater(t, d.Seq, last.Seq)
			} else {
				require.Greater(t, d.Balancer, last.Balancer)
			}
			last = d
		}
	}
}
