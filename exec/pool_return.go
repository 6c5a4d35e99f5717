package exec

// The way home of objects that are freed elsewhere: through one MPSC ring, in
// batches. A full ring never makes anyone wait or try again: home may have all the
// objects it needs and not look into the ring for hours. What does not fit is
// garbage.

// Return gives objects back from anywhere; the caller must not use them any more.
// It returns how many of them, from the first on, go home: the return ring had no
// room for the rest, which are left to the garbage collector and counted as
// dropped. Any goroutine may call it; on a loop, Put is cheaper. It panics if one
// of them is nil.
func (p *Pool[T]) Return(vs ...*T) (n int) {
	for _, v := range vs {
		p.freed(v)
	}
	return p.send(vs)
}

// send pushes freed objects into the return ring and settles the account of all
// of them. They are counted first: home could otherwise take one out again before
// it was counted as freed.
func (p *Pool[T]) send(vs []*T) (n int) {
	p.elsewhere.Add(uint64(len(vs)))
	n = p.returns.PushBatch(vs)
	if rest := vs[n:]; len(rest) > 0 {
		for _, v := range rest {
			p.check.forget(v)
		}
		p.dropped.Add(uint64(len(rest)))
	}
	return n
}

// returner gathers what one foreign loop frees. It belongs to that loop, and is
// one of its flushers.
type returner[T any] struct {
	pool *Pool[T]
	n    int // the first n of held are in use
	held [poolBatch]*T
}

// returner finds the returner of a foreign loop among its flushers, which are
// few, or adds one.
func (p *Pool[T]) returner(l *Local) *returner[T] {
	for _, f := range l.flushers {
		if r, ok := f.(*returner[T]); ok && r.pool == p {
			return r
		}
	}
	r := &returner[T]{pool: p}
	l.AddFlusher(r)
	return r
}

func (r *returner[T]) put(l *Local, v *T) {
	r.held[r.n] = v
	r.n++
	// After the turn's last phase has begun this flusher may have had its call:
	// another flusher is freeing something, or OnStop is.
	if r.n == len(r.held) || l.phase == phaseEnd {
		r.Flush(l)
	}
}

// Flush sends home what was gathered. Nothing is ever left waiting.
func (r *returner[T]) Flush(*Local) (pending bool) {
	if r.n > 0 {
		r.pool.send(r.held[:r.n])
		clear(r.held[:r.n])
		r.n = 0
	}
	return false
}
