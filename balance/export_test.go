package balance

// Members returns how many producers count in what b shares.
func Members(b Balancer) (n int) {
	for m := b.(*member).pool.members; m != nil; m = m.next {
		n++
	}
	return n
}
