package balance

import "errors"

// fallback asks one, then the other.
type fallback struct {
	first, second part
	reads         Reads
	elsewhere     tally // picks of second
}

// Fallback returns a policy that picks as a does, and as b does where a answers Full: for example
//
//	Fallback(BoundedDepth(64, KeyHash()), PowerOfTwo(0))
//
// sends keys to where their data is in the cache, and lets those of a crowded worker go elsewhere.
//
// It is not Ordered, even if a and b are: a key goes to a's worker, then, when that is full, to b's, and may overtake
// itself there. (StickyInFlight(Fallback(a, b)) is, as it holds a key where it has items in flight.)
//
// Either may do without workers while the other has some: where a, or b, answers an Update with an error that wraps
// [ErrNoWorker], such as SmoothWeighted when all weights are 0 or a policy of yours for some of the workers only, the
// other goes on alone; only if both do, the Update fails. The same holds at construction; the policy that failed is
// then tried again at each Update. Other errors of a or b are returned as they are, and a nil policy is an error.
//
// It is no BatchPicker: a's picks for a batch would not show in the depths that b looks at.
func Fallback(a, b Policy) Policy {
	return func(v *View) (Balancer, error) {
		f := &fallback{first: part{name: "first", policy: a}, second: part{name: "second", policy: b}}
		if err := f.Update(v); err != nil {
			return nil, err
		}
		f.reads = ReadsOf(f.first.Balancer) | ReadsOf(f.second.Balancer)
		return f, nil
	}
}

func (f *fallback) Pick(key uint64, v *View) int {
	if i := f.first.Pick(key, v); i != Full {
		return i
	}
	f.elsewhere.count()
	return f.second.Pick(key, v)
}

func (f *fallback) Update(v *View) error {
	a, b := f.first.serve(v), f.second.serve(v)
	if a == nil && errors.Is(b, ErrNoWorker) || b == nil && errors.Is(a, ErrNoWorker) {
		return nil // one of them can serve
	}
	return errors.Join(a, b)
}

func (f *fallback) Ordered() bool { return false }

// Shares implements [Member].
func (f *fallback) Shares() bool {
	return Shares(f.first.Balancer) || Shares(f.second.Balancer)
}

// Close implements [Member].
func (f *fallback) Close(v *View) {
	wrapper{f.first.Balancer}.Close(v)
	wrapper{f.second.Balancer}.Close(v)
}

// Watch implements [Member].
func (f *fallback) Watch(taken func(i int) uint64) {
	f.first.watch(taken)
	f.second.watch(taken)
}

// Reads implements [Frugal]. A part that was not there at first may read anything.
func (f *fallback) Reads() Reads { return f.reads }

// part is one of the two. As long as its policy finds no workers, nobody stands in.
type part struct {
	Balancer
	made   bool // Balancer is the policy's
	policy Policy
	name   string
	taken  func(i int) uint64 // of [Member], for a balancer that is yet to be made
}

// serve makes the part's balancer, or updates it.
func (p *part) serve(v *View) error {
	if p.made {
		return p.Update(v)
	}
	b, err := inner("Fallback", p.name, p.policy, v)
	if err != nil {
		p.Balancer = nobody{}
		return err
	}
	p.Balancer, p.made = b, true
	p.watch(p.taken)
	return nil
}

func (p *part) watch(taken func(i int) uint64) {
	if p.taken = taken; taken != nil {
		wrapper{p.Balancer}.Watch(taken)
	}
}

// nobody picks no worker.
type nobody struct{}

func (nobody) Pick(uint64, *View) int { return Full }
func (nobody) Update(*View) error     { return nil }
func (nobody) Ordered() bool          { return false }
