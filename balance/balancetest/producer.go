package balancetest

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/pushcore/pushcore/balance"
)

const (
	laneCap = 1024 // Cap of every lane that the checks play

	ruleOpen  = "Pick returns the index of an open worker, or Full"
	ruleIdle  = "with every open worker idle (Depth 0, all taken) Pick returns one of them (Options.MayRefuse for a policy that limits rates)"
	ruleServe = "a Policy and an Update serve every view with an open worker (Options.Workers for a policy that limits their number)"
)

// edgeKeys are those that break signed arithmetic, shifts and tables.
var edgeKeys = []uint64{0, 1, 2, 3, 63, 64, 65, math.MaxUint32, 1 << 32, math.MaxInt64, 1 << 63, 1<<63 + 1, math.MaxUint64}

// producer plays one producer of a group: a balancer, the view that it picks from, and a seeded course of events.
type producer struct {
	s   *suite
	b   balance.Balancer
	v   *balance.View
	rng *rand.Rand
}

// producer makes a balancer for n open and idle workers; equal seeds give equal courses.
func (s *suite) producer(n int, seed uint64) (*producer, error) {
	v := newView(n)
	b, err := s.balancer(v)
	if err != nil {
		return nil, err
	}
	return &producer{s: s, b: b, v: v, rng: rand.New(rand.NewPCG(seed, uint64(n)))}, nil
}

// balancer makes a balancer for a view that can be served.
func (s *suite) balancer(v *balance.View) (balance.Balancer, error) {
	b, err := s.policy(v)
	if err != nil {
		return nil, breach(ruleServe, "the Policy returned an error for %s: %v", show(v), err)
	}
	if b == nil {
		return nil, breach("a Policy returns a balancer or an error", "the Policy returned neither for %s", show(v))
	}
	return b, nil
}

// newView returns a view of n open workers with lanes of laneCap.
func newView(n int) *balance.View {
	v := balance.NewView(n)
	for i := range v.Cap {
		v.Cap[i] = laneCap
	}
	return v
}

// key returns a key: an edge case, a small number or a random one.
func (p *producer) key() uint64 {
	switch p.rng.IntN(4) {
	case 0:
		return edgeKeys[p.rng.IntN(len(edgeKeys))]
	case 1:
		return p.rng.Uint64N(16)
	default:
		return p.rng.Uint64()
	}
}

// pick picks for key, checks the answer and counts it.
func (p *producer) pick(key uint64) (int, error) {
	i := p.b.Pick(key, p.v)
	if err := p.check(i); err != nil {
		return i, fmt.Errorf("Pick(%#x): %w", key, err)
	}
	count(p.v, i)
	return i, nil
}

// check says what is wrong with a pick from the present view, if anything.
func (p *producer) check(i int) error {
	switch {
	case i == balance.Full:
		if !p.s.o.MayRefuse && p.v.OpenCount() > 0 && p.idle() {
			return breach(ruleIdle, "got Full from %s, all idle", show(p.v))
		}
	case i < 0 || i >= p.v.N():
		return breach(ruleOpen, "got %d, which is out of range, from %s", i, show(p.v))
	case !p.v.IsOpen(i):
		return breach(ruleOpen, "got worker %d, which is closed, from %s", i, show(p.v))
	}
	return nil
}

// count does what a group does with a pick: the item is sent, unless there is no room in the lane.
func count(v *balance.View, i int) (sent bool) {
	if i < 0 || i >= v.N() || v.Sent[i]-v.Taken[i] >= v.Cap[i] {
		return false
	}
	v.Sent[i]++
	v.Depth[i]++
	return true
}

// setDepth makes worker i look d items deep, all of them this producer's.
func setDepth(v *balance.View, i int, d uint64) {
	v.Sent[i] = max(v.Sent[i], v.Taken[i]+d) // what is taken stays taken
	v.Taken[i] = v.Sent[i] - d
	v.Depth[i] = d
}

// takeAll lets the workers take everything.
func takeAll(v *balance.View) {
	for i := range v.Depth {
		setDepth(v, i, 0)
	}
}

// idle reports whether all open workers show that they have nothing to do; for a Sticky balancer, whose keys may have
// to wait for a closed worker, whether all workers do.
func (p *producer) idle() bool {
	v, sticky := p.v, balance.IsSticky(p.b)
	for i, d := range v.Depth {
		if (d > 0 || v.Taken[i] < v.Sent[i]) && (sticky || v.IsOpen(i)) {
			return false
		}
	}
	return true
}

// refresh shows other depths and a later time: some workers empty, some a little deep, some full, some deep with what
// others have sent.
func (p *producer) refresh() {
	p.v.Now += p.rng.Int64N(1 << p.rng.IntN(40))
	for i := range p.v.Depth {
		switch p.rng.IntN(7) {
		case 0:
			setDepth(p.v, i, 0)
		case 1:
			setDepth(p.v, i, p.rng.Uint64N(4))
		case 2:
			setDepth(p.v, i, (p.v.Sent[i]-p.v.Taken[i])/2)
		case 3:
			setDepth(p.v, i, p.rng.Uint64N(laneCap))
		case 4:
			setDepth(p.v, i, laneCap)
		case 5:
			p.v.Depth[i] += p.rng.Uint64N(laneCap)
		}
	}
}

// mislead shows some workers as idle that have not taken all: Depth is about load, and where a key's items are is a
// matter of Taken alone.
func (p *producer) mislead() {
	for i := range p.v.Depth {
		if p.rng.IntN(2) == 0 {
			p.v.Depth[i] = 0
		}
	}
}

// open lets exactly those workers be open for which f is true, and worker keep in any case; then it tells the balancer.
func (p *producer) open(keep int, f func(i int) bool) error {
	for i := range p.v.N() {
		p.v.SetOpen(i, i == keep || f(i))
	}
	return p.update()
}

// update tells the balancer of a view with at least one open worker.
func (p *producer) update() error {
	if err := p.b.Update(p.v); err != nil {
		return breach(ruleServe, "Update returned an error for %s: %v", show(p.v), err)
	}
	return nil
}

// step is one event: mostly a pick, whose result it returns; else noPick.
func (p *producer) step() (int, error) {
	switch p.rng.IntN(40) {
	case 0, 1:
		p.refresh()
	case 2, 3:
		takeAll(p.v)
	case 4:
		for i := range p.v.Weight {
			p.v.Weight[i] = 1 + p.rng.Uint32N(4)
		}
		share := 1 + p.rng.IntN(4)
		return noPick, p.open(p.rng.IntN(p.v.N()), func(int) bool { return p.rng.IntN(4) < share })
	default:
		return p.pick(p.key())
	}
	return noPick, nil
}

// noPick is the result of a step that was not a pick.
const noPick = math.MinInt

// play takes steps and returns their results.
func (p *producer) play(steps int) ([]int, error) {
	got := make([]int, 0, steps)
	for range steps {
		i, err := p.step()
		if err != nil {
			return got, err
		}
		got = append(got, i)
	}
	return got, nil
}
