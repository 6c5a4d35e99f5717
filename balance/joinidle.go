package balance

// joinIdle looks for an idle worker.
type joinIdle struct {
	wrapper
	after int // the worker whose turn it is to be looked at first
	left  tally
}

// JoinIdle returns a policy that picks an idle worker, one with nothing waiting (View.Depth), and asks next if there is
// none: join-idle-queue. Idle workers are picked by turns. It is not Ordered, whatever next is.
//
// While some worker is idle an item never waits, as with LeastLoaded; among busy ones next decides, for which Random or
// RoundRobin is enough. A look goes over the depths from the last pick on and ends at the first idle worker: that is
// about n/m depths if m of n are idle, and all, in consecutive memory, if none is.
//
// After Lu and others, "Join-Idle-Queue: a novel load balancing algorithm for dynamically scalable web services",
// Performance Evaluation 68(11), 2011. There idle workers queue up at a sender; here the sender sees for itself. The
// policy returns an error if next is nil, and next's errors.
func JoinIdle(next Policy) Policy {
	return func(v *View) (Balancer, error) {
		w, err := newWrapper("JoinIdle", next, v)
		if err != nil {
			return nil, err
		}
		return &joinIdle{wrapper: w}, nil
	}
}

func (b *joinIdle) Pick(key uint64, v *View) int {
	depth, from := v.Depth, b.after
	if from > len(depth) {
		from = 0 // there are fewer workers than there were
	}
	for i, d := range depth[from:] {
		if d == 0 && v.IsOpen(from+i) {
			b.after = from + i + 1
			return from + i
		}
	}
	for i, d := range depth[:from] {
		if d == 0 && v.IsOpen(i) {
			b.after = i + 1
			return i
		}
	}
	b.left.count()
	return b.next.Pick(key, v)
}

func (b *joinIdle) Ordered() bool { return false }

// Reads implements [Frugal].
func (b *joinIdle) Reads() Reads { return ReadsDepth | ReadsOf(b.next) }
