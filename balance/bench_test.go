package balance_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pushcore/pushcore/balance"
)

var sizes = []int{2, 8, 64}

var sink int

// benchKeys are random, and more than a branch predictor remembers.
func benchKeys() (keys [8192]uint64) {
	rng := rand.New(rand.NewPCG(11, 12))
	for i := range keys {
		keys[i] = rng.Uint64()
	}
	return keys
}

// bench1 makes a balancer or ends the benchmark.
func bench1(b *testing.B, p balance.Policy, v *balance.View) balance.Balancer {
	b.Helper()
	bal, err := p(v)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	return bal
}

// benchPick times picks from a View that stays as it is.
func benchPick(b *testing.B, bal balance.Balancer, v *balance.View) {
	keys := benchKeys()
	i, sum := 0, 0
	for b.Loop() {
		sum += bal.Pick(keys[i&(len(keys)-1)], v)
		i++
	}
	sink = sum
}

// BenchmarkCalibration is work that takes the same number of cycles on most cores: 8 rounds of a xorshift, 48
// operations of which each needs the one before. Figures in ns are scaled by it to be compared with those of another
// machine; it is the loop that the tables of bench are scaled by, and takes 11.4 ns on the machine that they speak of.
func BenchmarkCalibration(b *testing.B) {
	x := uint64(88172645463325252)
	for b.Loop() {
		for range 8 {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
		}
	}
	sink = int(x)
}

// BenchmarkPick is a decision with idle workers. The row policy=none is the cost of the loop and the interface call,
// for subtraction.
func BenchmarkPick(b *testing.B) {
	none := policies[0]
	none.name, none.policy = "policy=none", fixed(0)
	for _, p := range append(slices.Clone(policies), none) {
		for _, n := range sizes {
			b.Run(fmt.Sprintf("%s/workers=%d", p.name, n), func(b *testing.B) {
				v := balance.NewView(n)
				benchPick(b, bench1(b, p.policy, v), v)
			})
		}
	}
}

// BenchmarkPickFull is a decision with 64 items at every worker: what a refusal costs those that refuse.
func BenchmarkPickFull(b *testing.B) {
	for _, p := range policies {
		v := balance.NewView(2)
		for i := range v.Depth {
			v.Sent[i], v.Depth[i] = 64, 64
		}
		if bal, err := p.policy(v); err != nil || bal.Pick(1, v) != balance.Full {
			continue
		}
		for _, n := range sizes {
			b.Run(fmt.Sprintf("%s/workers=%d", p.name, n), func(b *testing.B) {
				v := balance.NewView(n)
				bal := bench1(b, p.policy, v)
				for i := range v.Depth {
					v.Sent[i], v.Depth[i] = 64, 64
				}
				benchPick(b, bal, v)
			})
		}
	}
}

// BenchmarkPickBatch reports ns per item, for those that pick for batches.
func BenchmarkPickBatch(b *testing.B) {
	keys, out := benchKeys(), make([]int, 32)
	for _, p := range policies {
		if bal, err := p.policy(balance.NewView(2)); err != nil || !isBatcher(bal) {
			continue
		}
		for _, n := range sizes {
			b.Run(fmt.Sprintf("%s/workers=%d/batch=%d", p.name, n, len(out)), func(b *testing.B) {
				v := balance.NewView(n)
				bp := bench1(b, p.policy, v).(balance.BatchPicker)
				i := 0
				for b.Loop() {
					at := i & (len(keys) - 1)
					bp.PickBatch(keys[at:at+len(out)], v, out)
					i += len(out)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(i), "ns/item")
			})
		}
	}
}

func isBatcher(b balance.Balancer) bool {
	_, ok := b.(balance.BatchPicker)
	return ok
}

// published is a depth as a worker publishes it, on cache lines of its own.
type published struct {
	depth atomic.Uint64
	_     [128 - 8]byte
}

// BenchmarkPickDepths is a decision with the work around it that a depth-aware policy asks of a group: each pick is
// counted, and the View is brought up to date. The workers have 1 to 16 items each.
//
//	depths=local    nobody writes to the depths
//	depths=remote   another core writes one after the other as fast as it can, far faster than workers publish
//	refresh=32      all depths are loaded once per 32 picks, as a group does
//	refresh=1       at every pick those that the policy looks at are: all for LeastLoaded, any two for PowerOfTwo
func BenchmarkPickDepths(b *testing.B) {
	for _, p := range []struct {
		name   string
		policy balance.Policy
		looks  int // depths loaded per pick in refresh=1; 0 is all
	}{
		{"policy=LeastLoaded", balance.LeastLoaded(), 0},
		{"policy=PowerOfTwo", balance.PowerOfTwo(1), 2},
		{"policy=JoinIdle/next=Random", balance.JoinIdle(balance.Random(1)), 0},
	} {
		for _, n := range sizes {
			for _, depths := range []string{"local", "remote"} {
				for _, every := range []int{32, 1} {
					b.Run(fmt.Sprintf("%s/workers=%d/depths=%s/refresh=%d", p.name, n, depths, every), func(b *testing.B) {
						workers := make([]published, n)
						rng := rand.New(rand.NewPCG(17, 18))
						for i := range workers {
							workers[i].depth.Store(1 + rng.Uint64N(16))
						}
						if depths == "remote" {
							defer write(b, workers)()
						}
						looks := n
						if every == 1 && p.looks > 0 {
							looks = p.looks
						}
						benchDepths(b, p.policy, workers, every, looks)
					})
				}
			}
		}
	}
}

// benchDepths times picks with a View of which looks depths are loaded every so many picks.
func benchDepths(b *testing.B, p balance.Policy, workers []published, every, looks int) {
	v := balance.NewView(len(workers))
	bal, keys := bench1(b, p, v), benchKeys()
	k, sum := 0, 0
	for b.Loop() {
		key := keys[k&(len(keys)-1)]
		if k&(every-1) == 0 {
			for j := range looks {
				i := j
				if looks < len(workers) {
					i = int(key>>(8*j)) & (len(workers) - 1)
				}
				v.Depth[i] = workers[i].depth.Load()
			}
		}
		i := bal.Pick(key, v)
		v.Depth[i]++
		sum += i
		k++
	}
	sink = sum
}

// write lets another core write depths until the function that it returns is called.
func write(b *testing.B, workers []published) (stop func()) {
	if runtime.GOMAXPROCS(0) < 2 {
		b.Skip("there is no other core to write to the depths: GOMAXPROCS is 1")
	}
	var ended atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		rng := rand.New(rand.NewPCG(19, 20))
		for !ended.Load() {
			for i := range workers {
				workers[i].depth.Store(1 + rng.Uint64N(16))
			}
		}
	})
	return func() {
		ended.Store(true)
		wg.Wait()
	}
}
