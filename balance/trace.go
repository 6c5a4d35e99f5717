package balance

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
)

// A Decision is one pick, and what the balancer saw.
type Decision struct {
	Balancer int      // which of the trace's balancers picked; they count from 0 in the order in which they were made
	Seq      uint64   // which of that balancer's picks, from 0
	Now      int64    // View.Now: the age of what it saw
	Key      uint64   // the key asked for
	Pick     int      // the answer: a worker, or Full
	Depth    []uint64 // View.Depth before the pick
}

// String writes a decision on one line, without its time.
func (d Decision) String() string {
	to := "full"
	if d.Pick != Full {
		to = fmt.Sprint("worker ", d.Pick)
	}
	return fmt.Sprintf("%d/%d key %#x -> %s of depths %v", d.Balancer, d.Seq, d.Key, to, d.Depth)
}

// A Trace keeps the latest decisions of the balancers that Traced made for it. All of its methods may be called by any
// goroutine at any time.
type Trace struct {
	balancers, decisions int

	mu    sync.Mutex // guards what is below; of a balancer's picks only the first takes it
	made  int        // balancers, ever
	tapes []*tape    // of the balancers that were the last to begin, in that order
}

// maxDecisions bounds a tape: 64 MB, and as many times 8 bytes as there are workers.
const maxDecisions = 1 << 20

// NewTrace returns a trace of the last so many decisions of each of so many balancers: those that
// were the last to pick for the first time. It takes about balancers * decisions * (64 + 8 * workers) bytes, once there
// are that many balancers. Traced reports numbers below 1, and decisions above 2^20.
//
// A group makes a balancer for each Producer and Forwarder, and a few of its own, most of which never pick: they only
// show that the policy can serve a change of the workers.
func NewTrace(balancers, decisions int) *Trace {
	return &Trace{balancers: balancers, decisions: decisions}
}

// Snapshot returns a copy of what the trace has: by balancer, and for each from the oldest decision to the latest. What
// is missing shows as a gap: in Seq, decisions that were overwritten or were made just while they were being copied; in
// Balancer, balancers that made room for later ones, or have not picked.
func (t *Trace) Snapshot() []Decision {
	t.mu.Lock()
	tapes := slices.Clone(t.tapes)
	t.mu.Unlock()
	slices.SortFunc(tapes, func(a, b *tape) int { return cmp.Compare(a.balancer, b.balancer) })
	var all []Decision
	for _, r := range tapes {
		all = r.appendTo(all)
	}
	return all
}

// add makes a tape for one more balancer.
func (t *Trace) add(n int) *tape {
	r := &tape{trace: t, ring: make([]Decision, t.decisions)}
	r.fit(n)
	t.mu.Lock()
	defer t.mu.Unlock()
	r.balancer = t.made
	t.made++
	t.tapes = slices.Grow(t.tapes, min(t.made, t.balancers)-len(t.tapes)) // picks must not allocate
	return r
}

// begin makes a tape one of those that are kept, and lets go of the oldest if there are too many.
func (t *Trace) begin(r *tape) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.tapes) == t.balancers {
		t.tapes = append(t.tapes[:0], t.tapes[1:]...)
	}
	t.tapes = append(t.tapes, r)
}

// tape is the decisions of one balancer.
type tape struct {
	trace    *Trace // set once
	balancer int    // set once

	mu   sync.Mutex // held by the balancer for the time of a record, and by who copies the ring
	seq  uint64     // decisions so far, kept or not; the balancer's own
	kept uint64     // decisions written to the ring, of which it has the last len(ring)
	ring []Decision
}

// record writes a decision over the oldest. It never waits for a reader: if the ring is being copied, the decision is
// only counted.
func (r *tape) record(key uint64, pick int, v *View) {
	seq := r.seq
	if r.seq++; seq == 0 {
		r.trace.begin(r)
	}
	if !r.mu.TryLock() {
		return
	}
	d := &r.ring[r.kept%uint64(len(r.ring))]
	r.kept++
	d.Balancer, d.Seq, d.Now, d.Key, d.Pick = r.balancer, seq, v.Now, key, pick
	d.Depth = append(d.Depth[:0], v.Depth...)
	r.mu.Unlock()
}

// fit makes room for the depths of n workers in every entry, so that record need not.
func (r *tape) fit(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.ring {
		if d := &r.ring[i]; cap(d.Depth) < n {
			d.Depth = append(make([]uint64, 0, n), d.Depth...)
		}
	}
}

// appendTo appends copies of the decisions, oldest first.
func (r *tape) appendTo(dst []Decision) []Decision {
	r.mu.Lock()
	defer r.mu.Unlock()
	size := uint64(len(r.ring))
	for k := r.kept - min(r.kept, size); k < r.kept; k++ {
		d := r.ring[k%size]
		d.Depth = append([]uint64(nil), d.Depth...)
		dst = append(dst, d)
	}
	return dst
}
