package balance

// roundRobin walks over the open workers.
type roundRobin struct{ rotation }

// RoundRobin returns a policy that picks the open workers in turn, in ascending order. It ignores keys, depths and
// weights. With n workers open, any n picks in a row hit each once: counts differ by at most one, however long the
// items take. It is not Ordered.
//
// Every balancer starts with the lowest open worker, so that runs can be repeated; producers that each send a few items
// only, and then close, hence favour the low workers. When membership changes, the rotation goes on with the worker
// whose turn it was, or with the next open one after it.
func RoundRobin() Policy {
	return func(v *View) (Balancer, error) {
		b := &roundRobin{newRotation()}
		if err := b.Update(v); err != nil {
			return nil, err
		}
		return b, nil
	}
}

func (b *roundRobin) Pick(uint64, *View) int {
	i := b.next
	w := b.open[i]
	// A compare instead of a division: the divisor would be a variable, and 64-bit DIV costs more than all the rest.
	if i++; i == len(b.open) {
		i = 0
	}
	b.next = i
	return w
}

// PickBatch is a loop of Pick that keeps the position in a register.
func (b *roundRobin) PickBatch(keys []uint64, _ *View, out []int) {
	out = out[:len(keys)]
	i := b.next
	for k := range out {
		out[k] = b.open[i]
		if i++; i == len(b.open) {
			i = 0
		}
	}
	b.next = i
}

func (b *roundRobin) Ordered() bool { return false }

// Reads implements [Frugal]: nothing but who is open matters.
func (b *roundRobin) Reads() Reads { return 0 }
