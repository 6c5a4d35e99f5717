package balancesim

// order counts, for each producer and key, the items sent and those done. Items of a key keep their order if each begins
// only when all that were sent before it are done: what a Balancer promises that is Ordered.
type order struct {
	out []struct{ sent, done uint32 }
}

func newOrder(slots int) order { return order{make([]struct{ sent, done uint32 }, slots)} }

func (o *order) sent(it *item) {
	if len(o.out) > 0 {
		c := &o.out[it.slot]
		it.ordinal = c.sent
		c.sent++
	}
}

func (o *order) began(it *item, t *tally) {
	if len(o.out) > 0 && o.out[it.slot].done != it.ordinal && it.seq >= t.warm {
		t.reordered++
	}
}

func (o *order) ended(it *item) {
	if len(o.out) > 0 {
		o.out[it.slot].done++
	}
}
