package balancesim

// order counts, for each producer and key, the items that came and those done. Items of a key keep their order if each
// begins only when all that came before it are done: what a Balancer promises that is Ordered.
type order struct {
	out []struct{ came, done uint32 }
}

func newOrder(slots int) order { return order{make([]struct{ came, done uint32 }, slots)} }

// came counts an item in the order in which its producer got it, which is that in which it should be sent.
func (o *order) came(it *item) {
	if len(o.out) > 0 {
		c := &o.out[it.slot]
		it.ordinal = c.came
		c.came++
	}
}

// dropped takes back the item that came last.
func (o *order) dropped(it *item) {
	if len(o.out) > 0 {
		o.out[it.slot].came--
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
