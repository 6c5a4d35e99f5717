package balance

// leastLoaded looks for the shallowest of the open workers. A look begins with the one whose turn it is: ties go round.
type leastLoaded struct {
	rotation
	round []int // the open workers twice over: a round that begins anywhere is straight; empty if nobody is open
}

// LeastLoaded returns a policy that picks the open worker with the least items waiting (View.Depth); of several, the
// one that comes next after the last pick: join-the-shortest-queue, with ties that go round. Where the items are
// connections that stay, and the depths are those that are open, it is least-connections. It ignores keys and weights.
// It is not Ordered.
//
// A pick looks at every open worker. What other producers have sent since the last refresh does not show in a depth:
// two producers may send to the same idle worker at the same time.
//
// Old depths do no harm as long as they are equally old: sends count at once for every worker, and what workers have
// taken shows for all of them at the same refresh. An owner of a View that saw one worker's items go at once, for
// instance those of the core it runs on, and the others' later, would make that worker look idle, and send it far more
// than its share.
func LeastLoaded() Policy {
	return func(v *View) (Balancer, error) {
		b := &leastLoaded{rotation: newRotation()}
		if err := b.Update(v); err != nil {
			return nil, err
		}
		return b, nil
	}
}

func (b *leastLoaded) Pick(_ uint64, v *View) int {
	if len(b.round) == 0 {
		return Full
	}
	at, _ := b.shallowest(v)
	return b.take(at)
}

// shallowest returns the position in round of the pick, and its depth. Somebody must be open.
func (b *leastLoaded) shallowest(v *View) (at int, least uint64) {
	at = b.next
	least = v.Depth[b.round[at]]
	for i := at + 1; i < b.next+len(b.open) && least > 0; i++ {
		if d := v.Depth[b.round[i]]; d < least {
			at, least = i, d
		}
	}
	return at, least
}

// take returns the worker at a position; the turn is then the one's after it.
func (b *leastLoaded) take(at int) int {
	if b.next = at + 1; b.next >= len(b.open) {
		b.next -= len(b.open)
	}
	return b.round[at]
}

func (b *leastLoaded) Update(v *View) error {
	b.round = b.round[:0]
	err := b.rotation.Update(v)
	if b.open[0] != Full {
		b.round = append(append(b.round, b.open...), b.open...)
	}
	return err
}

func (b *leastLoaded) Ordered() bool { return false }

// Reads implements [Frugal].
func (b *leastLoaded) Reads() Reads { return ReadsDepth }
