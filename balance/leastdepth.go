package balance

// leastDepth looks for the shallowest of the open workers. A look begins with the one whose turn it is: ties go round.
type leastDepth struct{ rotation }

// LeastDepth returns a policy that picks the open worker with the least items of this producer outstanding (View.Depth);
// of several, the one that comes next after the last pick. Where the items are connections that stay, and the depths are
// those that are open, it is least-connections. It ignores keys and weights. It is not Ordered.
//
// A pick looks at every open worker. Depths are what one producer sees: two producers may send to the same idle worker
// at the same time.
func LeastDepth() Policy {
	return func(v *View) (Balancer, error) {
		b := &leastDepth{newRotation()}
		if err := b.Update(v); err != nil {
			return nil, err
		}
		return b, nil
	}
}

func (b *leastDepth) Pick(_ uint64, v *View) int {
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

func (b *leastDepth) Ordered() bool { return false }
