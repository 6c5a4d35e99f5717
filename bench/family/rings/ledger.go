package rings

import "fmt"

// ledger is the consumer's look at every element: each producer's come in order, each once, unchanged.
type ledger struct {
	next  []uint64 // per producer: how many have come
	seen  int
	wrong int // elements that are changed, or do not follow their producer's last one
}

func newLedger(producers int) *ledger { return &ledger{next: make([]uint64, producers)} }

// see notes the arrival of vs.
func see[T element](l *ledger, vs []T) {
	l.seen += len(vs)
	for len(vs) > 0 {
		first := vs[0][0]
		n := follow(vs, first)
		if p, i := first>>producerBit, first&countMask; n > 0 && p < uint64(len(l.next)) {
			if i != l.next[p] {
				l.wrong++
			}
			l.next[p] = i + uint64(n)
		} else {
			l.wrong++
		}
		vs = vs[max(n, 1):]
	}
}

// share returns how many of n elements producer p makes.
func share(n, producers, p int) int {
	if p < n%producers {
		return n/producers + 1
	}
	return n / producers
}

// err says whether n elements have come, and all as they should.
func (l *ledger) err(n int) error {
	if l.wrong > 0 {
		return fmt.Errorf("data error: of %d elements, %d came changed or not in order", n, l.wrong)
	}
	for p, got := range l.next {
		if want := uint64(share(n, len(l.next), p)); got != want {
			return fmt.Errorf("data error: producer %d sent %d elements, and %d came", p, want, got)
		}
	}
	return nil
}
