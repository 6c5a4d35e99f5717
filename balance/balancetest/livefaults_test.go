package balancetest

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/pushcore/pushcore/balance"
	"github.com/stretchr/testify/require"
)

// spoilt makes a policy of sound ones and a fault: wrap gets each balancer and returns the faulty one.
func spoilt(p balance.Policy, wrap func(b balance.Balancer, v *balance.View) balance.Balancer) balance.Policy {
	return func(v *balance.View) (balance.Balancer, error) {
		b, err := p(v)
		if err != nil {
			return nil, err
		}
		return wrap(b, v), nil
	}
}

// spoiltPick changes Pick alone.
func spoiltPick(p balance.Policy, pick func(b balance.Balancer, key uint64, v *balance.View) int) balance.Policy {
	return spoilt(p, func(b balance.Balancer, _ *balance.View) balance.Balancer {
		return &made{ordered: b.Ordered, update: b.Update, pick: func(key uint64, v *balance.View) int { return pick(b, key, v) }}
	})
}

// leak is where allocating balancers put what they allocate.
var leak atomic.Pointer[[]int]

func allocate() {
	s := make([]int, 4)
	leak.Store(&s)
}

// Balancers that disturb each other only while they run at the same time: no interleaving on one goroutine shows it.
func TestFindsConcurrentSharing(t *testing.T) {
	var inside, calls atomic.Int32
	meddling := spoiltPick(balance.KeyHash(), func(b balance.Balancer, key uint64, v *balance.View) int {
		defer inside.Add(-1)
		if inside.Add(1) > 1 {
			return b.Pick(key+1, v)
		}
		if calls.Add(1)%32 == 0 {
			time.Sleep(10 * time.Microsecond) // be met
		}
		return b.Pick(key, v)
	})
	got := inspect(meddling, Options{Workers: []int{3}})
	require.Len(t, got, 1)
	require.Contains(t, got["Concurrent"][0], "2 producers at a time")
	require.Contains(t, got["Concurrent"][0], "share no state")
}

// A balancer that waits for room inside Pick never comes back: the suite does, and says so.
func TestFindsHangs(t *testing.T) {
	var release atomic.Bool
	t.Cleanup(func() { release.Store(true) })
	stuck := spoiltPick(balance.RoundRobin(), func(b balance.Balancer, key uint64, v *balance.View) int {
		for {
			i := b.Pick(key, v)
			if i == balance.Full || v.Depth[i] < v.Cap[i] || release.Load() {
				return i
			}
			time.Sleep(time.Millisecond) // be kind to the machine
		}
	})
	got := inspectWithin(200*time.Millisecond, stuck, Options{Workers: []int{2}})
	require.Contains(t, got["Picks"][0], "did not end")
	require.Contains(t, got["Picks"][0], "the contract: ")
}
