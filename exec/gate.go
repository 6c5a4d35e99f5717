package exec

// Gate counts the operations that are under way, so that what they use can be torn down
// when the last has left, and lets none in from then on. It belongs to one loop.
//
// The idea is that of Seastar's gate.
type Gate struct {
	l       *Local
	inside  int
	closed  bool
	waiters waitList
}

// NewGate returns an open Gate.
func NewGate(l *Local) *Gate {
	l.check()
	return &Gate{l: l}
}

// Enter goes through the Gate, or returns ErrClosed. Each Enter needs a Leave.
func (g *Gate) Enter() error {
	g.l.check()
	if g.closed {
		return ErrClosed
	}
	g.inside++
	return nil
}

// Leave ends what Enter began. It panics if nobody is inside.
func (g *Gate) Leave() {
	g.l.check()
	if g.inside == 0 {
		panic("exec: Leave of a Gate that nobody is inside of")
	}
	if g.inside--; g.inside == 0 && g.closed {
		g.waiters.wakeAll()
	}
}

// Close closes the Gate and waits until all have left. It may be called again, after the
// wait ended early for example.
func (g *Gate) Close(co *Co) error {
	if g.l != co.l {
		return ErrForeign
	}
	co.mine()
	g.closed = true
	if g.inside == 0 {
		return nil
	}
	if err := co.mayWait(); err != nil {
		return err
	}
	return co.await(&g.waiters)
}

// Inside returns how many have entered and not left.
func (g *Gate) Inside() int { return g.inside }

// Closed reports whether Close was called.
func (g *Gate) Closed() bool { return g.closed }
