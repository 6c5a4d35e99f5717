package balance

import "errors"

// member is the Balancer of one producer of a [Shared] policy.
type member struct {
	pool  *pool
	next  *member            // in the pool's list
	lanes []lane             // one per worker of this producer's View
	watch func(i int) uint64 // nil unless the owner gave one

	listed, closed  bool
	active          bool  // it has picked since the pool last looked for idle ones
	ordered, sticky bool  // the pool's, which never change
	reads           Reads // the same
}

func (m *member) Pick(key uint64, v *View) int {
	p := m.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if m.closed {
		return Full
	}
	counts := m.reads&ReadsTaken != 0
	if counts {
		m.sync(v)
		m.active = true
		if p.picks++; p.picks%watchEvery == 0 {
			p.watch(false)
		}
	}
	p.look(v)
	w := p.inner.Pick(key, &p.view)
	if w == Full && counts && p.watch(true) {
		p.look(v)
		w = p.inner.Pick(key, &p.view)
	}
	if !v.IsOpen(w) {
		if uint(w) < uint(p.view.N()) {
			return Full // open or closed according to another producer's View, and not to ours
		}
		return w
	}
	if counts && w < len(m.lanes) {
		m.list()
		m.send(w, 1)
	}
	return w
}

// list makes the member one that counts. Until it has picked it is none, so that a Balancer that was made and dropped
// leaves nothing behind.
func (m *member) list() {
	if !m.listed {
		m.listed, m.next = true, m.pool.members
		m.pool.members = m
	}
}

// send counts n items from here to worker i.
func (m *member) send(i int, n uint64) {
	p := m.pool
	m.lanes[i].push(p.sent[i], n)
	p.sent[i] += n
}

// sync brings the merged View up to date with what v says of this producer's items.
func (m *member) sync(v *View) {
	p := m.pool
	for i := range min(len(m.lanes), len(v.Sent), len(v.Taken)) {
		l := &m.lanes[i]
		sent, taken := v.Sent[i], v.Taken[i]
		if sent == l.sent && taken <= l.taken {
			continue
		}
		was := l.oldest(p.sent[i])
		switch {
		case sent < l.sent: // the last pick was refused
			p.sent[i] -= l.recall(sent, p.sent[i])
		case sent > l.sent: // sent without a pick
			m.list()
			m.send(i, sent-l.sent)
		}
		l.take(taken)
		if was == p.taken[i] { // else somebody else's items hold things up
			p.settle(i)
		}
	}
}

// Update makes this producer's membership that of all.
func (m *member) Update(v *View) error {
	m.pool.mu.Lock()
	defer m.pool.mu.Unlock()
	return m.update(v)
}

func (m *member) update(v *View) error {
	if _, err := openList(nil, v); err != nil && !errors.Is(err, ErrNoWorker) {
		return err // uneven: nothing in it can be relied on
	}
	n := v.N()
	for i := n; i < len(m.lanes); i++ { // what is not in the View counts as taken
		m.lanes[i] = lane{}
		m.pool.settle(i)
	}
	if n < len(m.lanes) {
		m.lanes = m.lanes[:n]
	}
	for i := len(m.lanes); i < n; i++ {
		m.lanes = append(m.lanes, lane{sent: v.Taken[i], taken: v.Taken[i]})
	}
	return m.pool.update(v)
}

// Shares implements [Member].
func (m *member) Shares() bool { return true }

// Watch implements [Member].
func (m *member) Watch(taken func(i int) uint64) {
	m.pool.mu.Lock()
	defer m.pool.mu.Unlock()
	m.watch = taken
}

// Close implements [Member].
func (m *member) Close(v *View) {
	p := m.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if m.closed {
		return
	}
	if m.reads&ReadsTaken != 0 {
		m.sync(v)
	}
	m.closed = true
	if m.watch == nil {
		clear(m.lanes)
	}
	for i := range m.lanes {
		p.settle(i)
	}
	p.watch(true)
}

// idle reports whether nothing of the member is in flight, as far as is known.
func (m *member) idle() bool {
	for i := range m.lanes {
		if m.lanes[i].n > 0 {
			return false
		}
	}
	return true
}

func (m *member) Ordered() bool { return m.ordered }

// Sticky implements [Sticky].
func (m *member) Sticky() bool { return m.sticky }

// Reads implements [Frugal].
func (m *member) Reads() Reads { return m.reads }
