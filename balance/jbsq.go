package balance

import "fmt"

// jbsq is leastLoaded with a limit.
type jbsq struct {
	leastLoaded
	limit uint64
}

// JBSQ returns a policy that picks as LeastLoaded does, and answers Full when every open worker has k or more items
// waiting (View.Depth): join-bounded-shortest-queue. What nobody takes stays with the sender, which is the central
// queue: Block in a Send, or the rest that SendBatch returns. An item is thus bound to a worker only when that has
// almost run dry, and hardly ever waits behind a long one while another worker is idle.
//
// k = 1 is a single queue in front of all workers, M/G/n, except that a worker idles from when it has taken an item
// until the sender has learnt of it. k = 2 hides that time. What one producer has outstanding at a worker never exceeds
// k; with P producers that look at the same moment a worker may have P * k items at worst. A group with many producers
// hence has no one central queue; let few produce.
//
// It ignores keys and weights. It is not Ordered. A pick looks at every open worker. From Kogias and others, "R2P2:
// making RPCs first-class datacenter citizens", USENIX ATC 2019. The policy returns an error if k is less than 1.
func JBSQ(k int) Policy {
	return func(v *View) (Balancer, error) {
		if k < 1 {
			return nil, fmt.Errorf("balance: JBSQ of %d items per worker is too few (want at least 1; 2 is usual)", k)
		}
		b := &jbsq{leastLoaded{rotation: newRotation()}, uint64(k)}
		if err := b.Update(v); err != nil {
			return nil, err
		}
		return b, nil
	}
}

func (b *jbsq) Pick(_ uint64, v *View) int {
	if len(b.round) == 0 {
		return Full
	}
	at, least := b.shallowest(v)
	if least >= b.limit {
		return Full // nobody's turn has passed
	}
	return b.take(at)
}
