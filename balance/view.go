package balance

import (
	"fmt"
	"math/bits"
)

// A View is what one producer knows about the workers of its group. Worker i is described by element i of every slice:
// parallel slices, so that a scan over one quantity reads consecutive memory.
//
// The producer owns the View and is the only one to write to it. From time to time it refreshes Taken, Depth and Now,
// which is when it looks at the workers' memory, and only those that its Balancer reads (see [Frugal]); between
// refreshes it counts its own sends in Sent and Depth. (A group's producers do so after 32 sends, or two per worker if
// that is more, after 10 microseconds, and when the Balancer answers Full.) A Balancer reads. All slices but Open have
// the same length.
type View struct {
	// Sent[i] is the number of items this producer has sent to worker i, ever. It counts on for as long as there is an
	// i in the View, also while i is closed or another worker takes its place.
	Sent []uint64

	// Taken[i] is how many of those worker i had done with when the View was last refreshed: its handler had consumed
	// them. It may lag, never lead. Items of one producer are taken in the order sent.
	Taken []uint64

	// Depth[i] is the number of items that wait for worker i, from all senders: what the worker published at the end of
	// its last turn and what this producer has sent since. It is never less than Sent[i] - Taken[i], what this producer
	// has outstanding, so that a limit on it holds for each producer; what others have sent since is not in it.
	Depth []uint64

	// Cap[i] is the capacity of this producer's lane to worker i, in items: Depth[i] == Cap[i] is a full lane. 0 is a
	// capacity not known.
	Cap []uint64

	// Weight[i] is the share of the work that worker i should get, relative to the others; 1 unless configured. A
	// policy that honours weights sends nothing to one of weight 0, and has no worker (ErrNoWorker) if all that are
	// open are of weight 0.
	Weight []uint32

	// Open is a bitmap: worker i may be picked iff bit i%64 of word i/64 is set. Bits from N up are zero.
	Open []uint64

	// Now is the time of the last refresh in nanoseconds of a monotonic clock with any origin: only differences mean
	// something.
	Now int64
}

// NewView returns a View of n workers (0 if n is negative): all open, all of weight 1, nothing sent, capacities
// unknown.
func NewView(n int) *View {
	n = max(n, 0)
	v := &View{
		Sent:   make([]uint64, n),
		Taken:  make([]uint64, n),
		Depth:  make([]uint64, n),
		Cap:    make([]uint64, n),
		Weight: make([]uint32, n),
		Open:   make([]uint64, words(n)),
	}
	for i := range n {
		v.Weight[i] = 1
		v.SetOpen(i, true)
	}
	return v
}

// N returns the number of workers, open or not.
func (v *View) N() int { return len(v.Depth) }

// IsOpen reports whether worker i exists and may be picked. Any i is allowed.
func (v *View) IsOpen(i int) bool {
	w := uint(i) >> 6 // a negative i becomes a word that no bitmap has
	return w < uint(len(v.Open)) && uint(i) < uint(len(v.Depth)) && v.Open[w]>>(uint(i)&63)&1 != 0
}

// SetOpen opens or closes worker i. It is for the owner of the View, who then calls Update; it panics if there is no
// worker i.
func (v *View) SetOpen(i int, open bool) {
	if uint(i) >= uint(v.N()) {
		panic(fmt.Sprintf("balance: no worker %d in a view of %d", i, v.N()))
	}
	if open {
		v.Open[i>>6] |= 1 << (uint(i) & 63)
	} else {
		v.Open[i>>6] &^= 1 << (uint(i) & 63)
	}
}

// OpenCount returns how many workers are open. It looks at one word per 64 workers.
func (v *View) OpenCount() int {
	n := 0
	for w, word := range v.Open {
		n += bits.OnesCount64(word & v.valid(w))
	}
	return n
}

// AppendOpen appends the indices of the open workers to dst, in ascending order, and returns the result. It is what
// most balancers do in Update, to pick from a dense list afterwards.
func (v *View) AppendOpen(dst []int) []int {
	for w, word := range v.Open {
		for word &= v.valid(w); word != 0; word &= word - 1 {
			dst = append(dst, w<<6|bits.TrailingZeros64(word))
		}
	}
	return dst
}

// valid returns the bits of word w of the bitmap that stand for workers: an owner that left bits set past N must not
// make us name a worker that does not exist.
func (v *View) valid(w int) uint64 {
	switch rest := v.N() - w<<6; {
	case rest >= 64:
		return ^uint64(0)
	case rest <= 0:
		return 0
	default:
		return 1<<uint(rest) - 1
	}
}

// openList refills dst with the open workers of v. If there are none it returns the list [Full] and an error: a policy
// that indexes the list then answers Full without a branch of its own for the case.
func openList(dst []int, v *View) ([]int, error) {
	n := v.N()
	if len(v.Sent) != n || len(v.Taken) != n || len(v.Cap) != n || len(v.Weight) != n || len(v.Open) < words(n) {
		return append(dst[:0], Full), fmt.Errorf(
			"balance: uneven view: %d sent, %d taken, %d depths, %d caps, %d weights, %d bitmap words (want %d of each, and %d words)",
			len(v.Sent), len(v.Taken), n, len(v.Cap), len(v.Weight), len(v.Open), n, words(n))
	}
	dst = v.AppendOpen(dst[:0])
	if len(dst) == 0 {
		return append(dst, Full), fmt.Errorf("%w: 0 of %d", ErrNoWorker, n)
	}
	return dst, nil
}

// words returns how many bitmap words n workers need.
func words(n int) int { return (n + 63) >> 6 }
