package ring

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Integrity stress in the manner of DPDK's ring_stress: objects of a cache line
// travel in random batches of 28 to 43; whoever holds one stamps it all over,
// checks that the stamp stays, and restores the mark. Loss, duplication, tearing
// and two holders at once all show.

const mark = ^uint64(0)

type object [8]uint64

func (o *object) fill(v uint64) {
	for i := range o {
		o[i] = v
	}
}

func (o *object) holds(v uint64) bool {
	for _, w := range o {
		if w != v {
			return false
		}
	}
	return true
}

// hold is what a holder does with a batch.
func hold(t *testing.T, batch []*object, id uint64) {
	for _, o := range batch {
		if !o.holds(mark) {
			t.Errorf("holder %d was handed an object that somebody else holds: %x", id, *o)
		}
		o.fill(id)
	}
	for _, o := range batch {
		if !o.holds(id) {
			t.Errorf("holder %d: another wrote to its object: %x", id, *o)
		}
		o.fill(mark)
	}
}

func batchSize(rng *rand.Rand) int { return 28 + rng.IntN(16) }

func stressTime() time.Duration {
	if testing.Short() {
		return 100 * time.Millisecond
	}
	return time.Second
}

func newObjects(n int) []*object {
	objs := make([]*object, n)
	for i := range objs {
		objs[i] = new(object)
		objs[i].fill(mark)
	}
	return objs
}

// Two SPSC rings and two holders: objects go round.
func TestSPSCIntegrity(t *testing.T) {
	const objects = 300
	there, back := NewSPSC[*object](512), NewSPSC[*object](512)
	require.True(t, there.PushAll(newObjects(objects)))
	var stop atomic.Bool
	var wg sync.WaitGroup
	var moved [2]uint64
	for id, ends := range [2][2]*SPSC[*object]{{there, back}, {back, there}} {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(id), 7))
			batch := make([]*object, 64)
			for !stop.Load() {
				n := ends[0].PopBatch(batch[:batchSize(rng)])
				if n == 0 {
					runtime.Gosched()
					continue
				}
				hold(t, batch[:n], uint64(id))
				moved[id] += uint64(n)
				// Room for all of them: the rings are larger than the crowd.
				if ends[1].PushBatch(batch[:n]) != n {
					t.Errorf("holder %d: a ring with room refused", id)
				}
			}
		})
	}
	time.Sleep(stressTime())
	stop.Store(true)
	wg.Wait()
	rest := make([]*object, objects+1)
	n := there.PopBatch(rest)
	n += back.PopBatch(rest[n:])
	require.Equal(t, objects, n)
	requireDistinct(t, rest[:n])
	t.Logf("%d objects moved", moved[0]+moved[1])
}

// Many holders push into one MPSC ring; its consumer hands the objects out again
// through a lane each.
func testMPSCIntegrity(t *testing.T, producers int) {
	const objects = 512
	shared := NewMPSC[*object](1024)
	lanes := make([]*SPSC[*object], producers)
	for i := range lanes {
		lanes[i] = NewSPSC[*object](1024)
	}
	require.True(t, shared.PushAll(newObjects(objects)))
	var stop atomic.Bool
	var wg sync.WaitGroup
	for id, lane := range lanes {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(id), 9))
			batch := make([]*object, 64)
			for !stop.Load() {
				n := lane.PopBatch(batch[:batchSize(rng)])
				if n == 0 {
					runtime.Gosched()
					continue
				}
				hold(t, batch[:n], uint64(id))
				switch rng.IntN(3) {
				case 0:
					if !shared.PushAll(batch[:n]) {
						t.Error("a ring with room refused PushAll")
					}
				case 1:
					if k := shared.PushBatch(batch[:n]); k != n {
						t.Errorf("a ring with room took %d of %d", k, n)
					}
				default:
					for _, o := range batch[:n] {
						if !shared.Push(o) {
							t.Error("a ring with room refused Push")
						}
					}
				}
			}
		})
	}
	wg.Go(func() {
		rng := rand.New(rand.NewPCG(99, 9))
		batch := make([]*object, 64)
		for i := 0; !stop.Load(); i++ {
			n := shared.PopBatch(batch[:batchSize(rng)])
			if n == 0 {
				runtime.Gosched()
				continue
			}
			hold(t, batch[:n], 1000)
			if !lanes[i%producers].PushAll(batch[:n]) {
				t.Error("a lane with room refused")
			}
		}
	})
	time.Sleep(stressTime())
	stop.Store(true)
	wg.Wait()
	rest := make([]*object, objects+1)
	n := shared.PopBatch(rest)
	for _, lane := range lanes {
		n += lane.PopBatch(rest[n:])
	}
	require.Equal(t, objects, n)
	requireDistinct(t, rest[:n])
}

func TestMPSCIntegrity(t *testing.T) { testMPSCIntegrity(t, 1) }

// Over-committed: many more threads than cores, so that producers are stopped at
// every point, also between claim and publish.
func TestMPSCIntegrityOverCommitted(t *testing.T) { testMPSCIntegrity(t, 4*runtime.NumCPU()) }

func requireDistinct(t *testing.T, objs []*object) {
	seen := map[*object]bool{}
	for _, o := range objs {
		require.False(t, seen[o], "an object is there twice")
		seen[o] = true
		require.True(t, o.holds(mark))
	}
}

// Every producer's items arrive in the order sent, and the sum of all is right.
func TestMPSCKeepsEachProducersOrder(t *testing.T) {
	const producers, each = 4, 20_000
	for _, capacity := range []int{1, 2, 7, 64, 4096} {
		r := newMPSCAt[[2]int](capacity, -uint64(2*capacity+10))
		var wg sync.WaitGroup
		for id := range producers {
			wg.Go(func() {
				rng := rand.New(rand.NewPCG(uint64(id), 3))
				var batch [][2]int
				for next := 0; next < each; {
					batch = batch[:0]
					for i := range min(1+rng.IntN(9), each-next) {
						batch = append(batch, [2]int{id, next + i})
					}
					n := r.PushBatch(batch)
					next += n
					if n == 0 {
						runtime.Gosched()
					}
				}
			})
		}
		var want [producers]int
		dst := make([][2]int, 33)
		for got := 0; got < producers*each; {
			n := r.PopBatch(dst)
			for _, v := range dst[:n] {
				if want[v[0]] != v[1] {
					t.Fatalf("capacity %d: producer %d: got %d, want %d", capacity, v[0], v[1], want[v[0]])
				}
				want[v[0]]++
			}
			if got += n; n == 0 {
				runtime.Gosched()
			}
		}
		wg.Wait()
		require.Zero(t, r.Len())
	}
}

// One value at a time, staged, bulk and zero-copy through rings of every small
// size between two threads: the consumer checks each value.
func TestSPSCBetweenThreads(t *testing.T) {
	const total = 30_000
	for _, capacity := range []int{1, 2, 3, 8, 1000} {
		r := newSPSCAt[int](capacity, -uint64(capacity+3))
		var wg sync.WaitGroup
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(1, uint64(capacity)))
			for next := 0; next < total; {
				k := 0
				switch rng.IntN(4) {
				case 0:
					if r.Push(next) {
						k = 1
					}
				case 1:
					for k < 8 && next+k < total && r.Stage(next+k) {
						k++
					}
					r.Flush()
				case 2:
					vs := make([]int, min(8, total-next))
					for i := range vs {
						vs[i] = next + i
					}
					k = r.PushBatch(vs)
				case 3:
					a, b := r.Reserve(min(8, total-next))
					for _, s := range [][]int{a, b} {
						for i := range s {
							s[i] = next + k
							k++
						}
					}
					r.Commit(k)
				}
				if next += k; k == 0 {
					runtime.Gosched()
				}
			}
		})
		rng := rand.New(rand.NewPCG(2, uint64(capacity)))
		dst := make([]int, 16)
		check := func(got, want int) {
			if got != want {
				t.Fatalf("capacity %d: got %d, want %d", capacity, got, want)
			}
		}
		for next := 0; next < total; {
			k := 0
			switch rng.IntN(3) {
			case 0:
				if v, ok := r.Pop(); ok {
					check(v, next)
					k = 1
				}
			case 1:
				k = r.PopBatch(dst[:1+rng.IntN(15)])
				for i, v := range dst[:k] {
					check(v, next+i)
				}
			case 2:
				a, b := r.Peek(1 + rng.IntN(15))
				for _, s := range [][]int{a, b} {
					for _, v := range s {
						check(v, next+k)
						k++
					}
				}
				r.Release(k)
			}
			if next += k; k == 0 {
				runtime.Gosched()
			}
		}
		wg.Wait()
	}
}
