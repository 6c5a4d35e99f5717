package group

// Items that were sent, and that nobody will take.

// reap takes back what Forwarders hold whose loops have ended, and gives their lanes
// back. Called with mu held.
func (g *Group[T]) reap() {
	for l, f := range g.forwarders {
		if !l.Exec().Ended() || f.member != nil && !g.closed.Load() {
			continue // what a worker leaves is handed over by whoever removes it
		}
		for _, r := range f.bury() {
			g.strays = append(g.strays, r.v)
			g.credits.give(1)
		}
	}
}

// bury takes back what a Forwarder holds whose loop has ended. Called with mu held.
func (f *Forwarder[T]) bury() (back []routed[T]) {
	for i := range f.out {
		if o := &f.out[i]; o.lane != nil {
			o.lane.Close()
			back = append(back, o.recall(f.route, i)...)
		}
	}
	for _, s := range f.outbox {
		back = append(back, s.routed)
	}
	f.adoptOrphans()
	back = append(back, f.backlog...)
	f.g.credits.give(f.spare)
	f.spare, f.outbox, f.backlog = 0, f.outbox[:0], nil
	clear(f.behind)
	f.show()
	f.g.ended.forwarded += f.sends
	f.g.ended.refused += f.refused
	f.g.ended.spilled += f.spills
	delete(f.g.forwarders, f.l)
	f.route.delist()
	f.route.end()
	return back
}

// stray keeps items that were sent and came back because the group was closed.
func (g *Group[T]) stray(vs []T) {
	g.credits.give(len(vs))
	g.mu.Lock()
	defer g.mu.Unlock()
	g.strays = append(g.strays, vs...)
}
