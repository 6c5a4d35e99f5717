package balance

import "github.com/pushcore/pushcore/internal/mem"

// A Reporter counts decisions of its own kind: keys that were moved, picks that went elsewhere. A group adds up those of
// its Producers and Forwarders, by name, in the Decisions of its Snapshot.
type Reporter interface {
	// Report calls add for each kind of decision, with how many there were so far. Any goroutine may call it, at any
	// time: it must load what it tells atomically.
	Report(add func(decision string, n uint64))
}

// tally is one such count: its Balancer writes it, anyone reads it.
type tally struct{ n mem.Index }

func (t *tally) count()       { t.n.StoreRelease(t.n.Load() + 1) }
func (t *tally) load() uint64 { return t.n.Load() }

// Report implements [Reporter] for what is asked.
func (w wrapper) Report(add func(decision string, n uint64)) {
	if r, ok := w.next.(Reporter); ok {
		r.Report(add)
	}
}

// Report implements [Reporter]: second_choice is the picks that the second policy made. What the two count themselves
// is not told.
func (f *fallback) Report(add func(decision string, n uint64)) {
	add("second_choice", f.elsewhere.load())
}

// Report implements [Reporter]: none_idle is the picks that were left to next.
func (b *joinIdle) Report(add func(decision string, n uint64)) {
	add("none_idle", b.left.load())
	b.wrapper.Report(add)
}

// Report implements [Reporter]: spilled is the times that a bucket of keys was sent to another worker than before.
func (b *stickySpill) Report(add func(decision string, n uint64)) {
	add("spilled", b.spilled.load())
	b.wrapper.Report(add)
}

// Report implements [Reporter]: not_at_home is the picks of another worker than the key's first.
func (b *boundedLoad) Report(add func(decision string, n uint64)) { add("not_at_home", b.away.load()) }

// Report implements [Reporter]: moved is the times that a bucket of keys went to another worker than before.
func (b *sticky) Report(add func(decision string, n uint64)) {
	add("moved", b.moved.load())
	b.wrapper.Report(add)
}

// Report implements [Reporter]: moved is the times that a bucket of keys went to another worker than before.
func (b *flowlet) Report(add func(decision string, n uint64)) {
	add("moved", b.moved.load())
	b.wrapper.Report(add)
}

// Report implements [Reporter]: too_deep is the picks of next that were at the limit, and so went elsewhere, or nowhere.
func (b *boundedDepth) Report(add func(decision string, n uint64)) {
	add("too_deep", b.deep.load())
	b.wrapper.Report(add)
}
