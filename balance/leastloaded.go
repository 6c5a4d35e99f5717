package balance

// leastLoaded looks for the shallowest of the open workers. A look begins with the one whose turn it is: ties go round.
type leastLoaded struct{ rotation }

// LeastLoaded returns a policy that picks the open worker with the least items waiting (View.Depth); of several, the one
// that comes next after the last pick: join-the-shortest-queue, with ties that go round. Where the items are connections
// that stay, and the depths are those that are open, it is least-connections. It ignores keys and weights. It is not Ordered.
//
// A pick looks at every open worker. What other producers have sent since the last refresh does not show in a depth: two
// producers may send to the same idle worker at the same time.
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
	at := b.next
	best := b.open[at]
	if best == Full {
		return Full
	}
	least := v.Depth[best]
	for k, i := 1, at; k < len(b.open) && least > 0; k++ {
		if i++; i == len(b.open) {
			i = 0
		}
		if w := b.open[i]; v.Depth[w] < least {
			at, best, least = i, w, v.Depth[w]
		}
	}
	if at++; at == len(b.open) {
		at = 0
	}
	b.next = at
	return best
}

func (b *leastLoaded) Ordered() bool { return false }

// Reads implements [Frugal].
func (b *leastLoaded) Reads() Reads { return ReadsDepth }
