package balance

// stay is where the items of a bucket went last: mark is Sent of that worker after them. The zero stay is nowhere.
type stay struct {
	mark   uint64
	worker int
}

// sticky keeps a bucket where it has items in flight.
//
// It is no BatchPicker: a mark is the position of an item in its lane, and a group that picks some items of a batch
// again sends them in between.
type sticky struct {
	wrapper
	stays buckets[stay]
	n     int // workers in the View
	moved tally
}

// StickyInFlight returns a policy that keeps a key on its worker while items of it are in flight, sent but not yet
// taken, and asks next when none are: order without a fixed home. A busy key stays where its items are, a quiet one
// goes wherever next thinks best now. next may be any policy, LeastLoaded as well as KeyHash. This is how DPDK's
// distributor treats flow tags and how eventdev schedules ATOMIC flows (there per event device, here per producer; see
// [Shared]).
//
// It is Ordered, and Sticky: a key whose worker was closed gets Full until its items there were taken; then it moves.
//
// Keys share buckets, a power of two of them, and stick together with those of their bucket: with a few times more
// buckets than items in flight it hardly ever happens. A bucket takes 16 bytes. A pick costs a hash and a load from
// that table, plus next's pick when nothing is in flight. A change of membership moves nothing that is in flight. How
// even the load is depends on next, and on how often keys are quiet: a key that always has items in flight never moves.
//
// The owner of the View keeps its counts: Sent and Taken of a worker count on for as long as its index is in the View,
// also while it is closed and when another takes its place. An index may leave the View only when all that was sent
// there has been taken, because what is not in the View counts as taken. An item that was picked for and then refused
// by a full lane was never sent: nothing waits for it.
//
// The policy returns an error if buckets is not a power of two from 1 to 2^24 or next is nil, and next's errors.
func StickyInFlight(buckets int, next Policy) Policy {
	return func(v *View) (Balancer, error) {
		stays, err := newBuckets[stay]("StickyInFlight", buckets)
		if err != nil {
			return nil, err
		}
		w, err := newWrapper("StickyInFlight", next, v)
		if err != nil {
			return nil, err
		}
		return &sticky{wrapper: w, stays: stays, n: v.N()}, nil
	}
}

func (b *sticky) Pick(key uint64, v *View) int {
	s := b.stays.of(key)
	if w := s.worker; s.inFlight(v) {
		if !v.IsOpen(w) {
			return Full
		}
		s.mark = v.Sent[w] + 1
		return w
	}
	w := b.next.Pick(key, v)
	if uint(w) < uint(len(v.Sent)) {
		if s.mark != 0 && s.worker != w {
			b.moved.count()
		}
		s.worker, s.mark = w, v.Sent[w]+1
	}
	return w
}

// inFlight reports whether items of the bucket may still wait. A mark beyond Sent is that of a pick that was refused.
func (s *stay) inFlight(v *View) bool {
	w := s.worker
	return w < len(v.Taken) && w < len(v.Sent) && v.Taken[w] < min(s.mark, v.Sent[w])
}

// Update forgets the workers that left the View: whoever has such an index later on is another.
func (b *sticky) Update(v *View) error {
	if v.N() < b.n {
		for i := range b.stays.table {
			if s := &b.stays.table[i]; s.worker >= v.N() {
				*s = stay{}
			}
		}
	}
	b.n = v.N()
	return b.next.Update(v)
}

func (b *sticky) Ordered() bool { return true }

// Sticky implements [Sticky].
func (b *sticky) Sticky() bool { return true }

// Reads implements [Frugal].
func (b *sticky) Reads() Reads { return ReadsTaken | ReadsOf(b.next) }
