package balance

// placement is who is open, for policies that give a slot of their own to every worker, open or not. What should go to
// a worker that is closed is ranked among the open ones: everyone who sees the same workers comes to the same answer,
// without a history.
type placement struct {
	n    int      // workers, open or not; 0 if none is open
	open []uint64 // a copy of View.Open
	rest ranking  // of the open workers
}

func (p *placement) update(v *View) error {
	candidates, err := identities{}.equals(nil, v)
	p.rest.reset(candidates)
	p.open, p.n = append(p.open[:0], v.Open...), v.N()
	if err != nil {
		p.n = 0
	}
	return err
}

// isOpen reports whether worker i < n is open.
func (p *placement) isOpen(i int) bool { return p.open[i>>6]>>(uint(i)&63)&1 != 0 }

// bucket returns the worker of a bucket of an Indirection, or Full if nobody is open. A bucket that is not assigned is
// one of those dealt out in turn. That of a closed worker goes to an open one, and no other bucket moves.
func (p *placement) bucket(i int, assigned int32) int32 {
	if p.n == 0 {
		return Full
	}
	w := int(assigned)
	if w == Full {
		w = i % p.n
	}
	if w < p.n && p.isOpen(w) {
		return int32(w)
	}
	return int32(p.rest.pick(Mix(uint64(i) ^ workerLevel)))
}
