package balance_test

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/stretchr/testify/require"
)

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
			b.(balance.Member).Close(v)
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

// Exclusive while it runs: producers send, workers take, and everybody looks at everybody's lanes, all at the same
// time. No key is ever in the hands of two workers.
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
			b.(balance.Member).Watch(func(w int) uint64 { return taken[i][w].Load() })
			defer func() { b.(balance.Member).Close(v) }()
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
