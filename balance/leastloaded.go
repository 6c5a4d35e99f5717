package balance

// leastLoaded looks for the shallowest of the open workers. A look begins with the one whose turn it is: ties go round.
type leastLoaded struct{ rotation }

// LeastLoaded returns a policy that picks the open worker with the least items waiting (View.Depth); of several, the one
// that comes next after the last pick: join-the-shortest-queue, with ties that go round. Where the items are connections
// that stay, and the depths are those that are open, it is least-connections. It ignores keys and weights. It is not Ordered.
//
// A pick looks at every open worker. What other producers have sent since the last refresh does not show in a depth: two
// producers may send to the same idle worker at the same time.
//
// Old depths do no harm as long as they are equally old: sends count at once for every worker, and what workers have taken
// shows for all of them at the same refresh. An owner of a View that saw one worker's items go at once, for instance those
// of the core it runs on, and the others' later, would make that worker look idle, and send it far more than its share.
func LeastLoaded() Policy {
	return func(v *View) (Balancer, error) {
		b := &leastLoaded{newRotation()}
		if err := b.Update(v); err != nil {
			return nil, err
		}
		return b, nil
	}
}

func (b *leastLoaded) Pick(_ uint64, v *View) int {
	at, _ := b.shallowest(v)
	if at < 0 {
		return Full
	}
	return b.take(at)
}

// shallowest returns the position in open of the pick, and its depth; the position is negative if nobody is open.
func (b *leastLoaded) shallowest(v *View) (at int, least uint64) {
	first := b.open[b.next]
	if first == Full {
		return -1, 0
	}
	depth := v.Depth
	at, least = b.next, depth[first]
	// Two straight loops: from the one whose turn it is to the end, and the rest.
	for i := b.next + 1; i < len(b.open) && least > 0; i++ {
		if d := depth[b.open[i]]; d < least {
			at, least = i, d
		}
	}
	for i := 0; i < b.next && least > 0; i++ {
		if d := depth[b.open[i]]; d < least {
			at, least = i, d
		}
	}
	return at, least
}

// take returns the worker at a position; the turn is then the one's after it.
func (b *leastLoaded) take(at int) int {
	b.next = at + 1
	if b.next == len(b.open) {
		b.next = 0
	}
	return b.open[at]
}

func (b *leastLoaded) Ordered() bool { return false }

// Reads implements [Frugal].
func (b *leastLoaded) Reads() Reads { return ReadsDepth }
