package groups

import (
	"errors"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/balance/key"
)

// This file measures what a decision costs: one Pick through the interface, with random keys and workers that have 1 to
// 16 items each: with idle ones, policies that look at depths would look no further.

// deciding is a policy and what a decision may cost with so many workers, in ns.
type deciding struct {
	name   string
	policy func(workers int) balance.Policy
	most   func(workers int) float64 // nil: no target
}

func always(p balance.Policy) func(int) balance.Policy { return func(int) balance.Policy { return p } }

func flat(ns float64) func(int) float64        { return func(int) float64 { return ns } }
func perWorker(ns float64) func(n int) float64 { return func(n int) float64 { return ns * float64(n) } }

var decisions = []deciding{
	{"RoundRobin", always(balance.RoundRobin()), flat(3)},
	{"SmoothWeighted", always(balance.SmoothWeighted()), nil},
	{"Random", always(balance.Random(1)), flat(3)},
	{"PowerOfTwo", always(balance.PowerOfTwo(1)), flat(6)},
	{"LeastLoaded", always(balance.LeastLoaded()), perWorker(2)},
	{"JoinIdle", always(balance.JoinIdle(balance.Random(1))), nil},
	{"JBSQ", always(balance.JBSQ(64)), nil},
	{"KeyHash", always(balance.KeyHash()), flat(3)},
	{"Jump", always(balance.Jump()), func(n int) float64 { return map[int]float64{2: 25, 8: 45, 64: 75}[n] }},
	{"Rendezvous", always(balance.Rendezvous()), perWorker(2)},
	{"Maglev-4099", always(balance.Maglev(4099)), flat(3)},
	{"Maglev-65537", always(balance.Maglev(65537)), flat(8)},
	{"BoundedLoad", always(balance.BoundedLoad(0.25)), nil},
	{"RSS", func(int) balance.Policy { return balance.RSS(must(balance.NewIndirection(128))) }, flat(3)},
	{"StickyInFlight", always(balance.StickyInFlight(4096, balance.KeyHash())), nil},
	{"Flowlet", always(balance.Flowlet(4096, time.Millisecond, balance.PowerOfTwo(1))), nil},
	{"StickySpill", always(balance.StickySpill(4096, 64, 16, balance.KeyHash())), nil},
	{"BoundedDepth", always(balance.BoundedDepth(64, balance.RoundRobin())), nil},
	{"Shared", always(balance.Shared(balance.KeyHash())), nil},
}

// quoted are the policies whose decisions among two workers are in the standard set.
var quoted = map[string]bool{"RoundRobin": true, "KeyHash": true, "LeastLoaded": true, "Maglev-4099": true}

// poolSizes are the numbers of workers that decisions are measured with.
var poolSizes = []int{2, 8, 64}

func pickRows() (rows []measure.Row) {
	for _, d := range decisions {
		for _, n := range poolSizes {
			r := measure.Row{
				Name:  fmt.Sprintf("Group/pick/%s/workers=%d", d.name, n),
				Does:  fmt.Sprintf("one decision by %s among %d workers that have some items each, with random keys", d.name, n),
				Full:  n != 2 || !quoted[d.name],
				Impls: measure.Join(measure.Ours("pushcore", picking(d.policy, n)), measure.Calibration()),
			}
			if d.most != nil {
				r.Wants = []measure.Want{measure.AtMost("pushcore", d.most(n))}
			}
			rows = append(rows, r)
		}
	}
	for _, d := range decisions {
		if d.name != "PowerOfTwo" && d.name != "LeastLoaded" {
			continue
		}
		for _, n := range poolSizes {
			rows = append(rows, measure.Row{
				Name:  fmt.Sprintf("Group/pick/%s/workers=%d/depths=written", d.name, n),
				Does:  fmt.Sprintf("one decision by %s among %d workers whose depths the other cpu writes all the time", d.name, n),
				Full:  true,
				Impls: measure.Join(measure.Ours("pushcore", pickingWhileWritten(d.policy, n)), measure.Calibration()),
				Wants: []measure.Want{measure.AtMost("pushcore", d.most(n))},
			})
		}
	}
	return append(rows, measure.Row{
		Name:  "Group/pick/toeplitz/bytes=12",
		Does:  "the Toeplitz hash of two IPv4 addresses and ports",
		Full:  true,
		Impls: measure.Join(measure.Ours("pushcore", hashing), measure.Calibration()),
		Wants: []measure.Want{measure.AtMost("pushcore", 12)},
	})
}

// keys are random, and more than a branch predictor remembers.
var keys = func() (ks [8192]uint64) {
	rng := rand.New(rand.NewPCG(11, 12))
	for i := range ks {
		ks[i] = rng.Uint64()
	}
	return ks
}()

// picking times n picks among so many workers.
func picking(p func(workers int) balance.Policy, workers int) run {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		v := busy(workers)
		b, err := p(workers)(v)
		if err != nil {
			return measure.Sample{}, err
		}
		d, err := s.Solo(func() error { return pick(b, v, n) })
		return measure.PerOp(d, n), err
	}
}

// busy returns a View of workers that have 1 to 16 items each, as others see them, too.
func busy(workers int) *balance.View {
	v, rng := balance.NewView(workers), rand.New(rand.NewPCG(15, 16))
	for i := range v.Depth {
		v.Depth[i] = 1 + rng.Uint64N(16)
		v.Sent[i] = v.Depth[i]
	}
	return v
}

func pick(b balance.Balancer, v *balance.View, n int) error {
	refused := 0
	for i := range n {
		refused += b.Pick(keys[i&(len(keys)-1)], v) >> (bits.UintSize - 1)
	}
	if refused != 0 {
		return fmt.Errorf("data error: %d of %d picks were refused, with room everywhere", -refused, n)
	}
	return nil
}

// published is a depth on a line of its own, as a worker publishes it.
type published struct {
	depth atomic.Uint64
	_     [120]byte
}

// looksEvery is how many picks a group makes between two looks at the depths.
func looksEvery(workers int) int { return max(32, 2*workers) }

// pickingWhileWritten times picks while another core writes the depths, which are looked at as often as a group does.
func pickingWhileWritten(p func(workers int) balance.Policy, workers int) run {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		v := balance.NewView(workers)
		b, err := p(workers)(v)
		if err != nil {
			return measure.Sample{}, err
		}
		depths := make([]published, workers)
		var over atomic.Bool
		writer := make(chan error, 1)
		go func() {
			_, err := s.On(1, func() error {
				for x := uint64(1); !over.Load(); x++ {
					depths[x%uint64(workers)].depth.Store(1 + x&15)
				}
				return nil
			})
			writer <- err
		}()
		d, err := s.On(0, func() error {
			for i := 0; i < n; i += looksEvery(workers) {
				for k := range depths {
					v.Depth[k] = depths[k].depth.Load()
				}
				if err := pick(b, v, min(looksEvery(workers), n-i)); err != nil {
					return err
				}
			}
			return nil
		})
		over.Store(true)
		return measure.PerOp(d, n), errors.Join(err, <-writer)
	}
}

// hashing times the Toeplitz hash of IPv4 addresses and ports.
func hashing(s measure.Spot, n int) (measure.Sample, error) {
	t := must(key.NewToeplitz(key.MicrosoftKey[:]))
	var in [8192]byte
	rng := rand.New(rand.NewPCG(13, 14))
	for i := range in {
		in[i] = byte(rng.Uint32())
	}
	var sum uint32
	d, err := s.Solo(func() error {
		for i := range n {
			at := i * 12 & 4095
			sum += t.Hash(in[at : at+12])
		}
		return nil
	})
	if sum == 0 {
		err = errors.Join(err, errors.New("data error: all hashes are zero"))
	}
	return measure.PerOp(d, n), err
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
