package exec

import (
	"math/bits"
	"sync/atomic"

	"github.com/pushcore/pushcore/internal/mem"
)

// Figures of an inbox.
const (
	sItems = iota
	sFailed
	sExpired
	sHeld
	sBatches
	sMaxDepth
	sSizes // BatchSizeBuckets of them
	sEnd   = sSizes + BatchSizeBuckets
)

// sheet is the account of an inbox. It lies apart from the Inbox, whose lines senders have.
type sheet struct {
	_ mem.Pad

	// The loop's own. What each batch touches comes first.
	changed bool // since it was shown
	seen    int  // items that this poll has found waiting
	timed   sampler
	n       [sEnd]uint64
	delay   recorder
	run     recorder

	shown [sEnd]mem.Index // a part of the board

	_        mem.Pad
	rejected atomic.Uint64 // counted by senders
	_        mem.Pad
}

// batch counts a batch of which n > 0 items were consumed.
func (s *sheet) batch(n int) {
	s.n[sItems] += uint64(n)
	s.n[sBatches]++
	s.n[sSizes+min(bits.Len(uint(n))-1, BatchSizeBuckets-1)]++
	s.changed = true
}

// took notes how long the handler has taken for a batch that was counted.
//
//go:noinline
func (s *sheet) took(l *Local, began int64) {
	now := mem.Ticks()
	s.run.note(l.pace.duration(now-began), s.timed.took(s.n[sBatches], now, l.pace.every))
}

// failed counts what was consumed before a panic, and what that has failed: the last of several tasks, or the batch.
func (s *sheet) failed(gone int, single bool) {
	s.n[sItems] += uint64(gone)
	if single {
		gone = min(gone, 1)
	}
	s.n[sFailed] += uint64(gone)
	s.changed = true
}

// show is a part of publish.
func (s *sheet) show(l *Local) {
	if s.changed {
		s.changed = false
		mem.StoreReleaseAll(s.shown[:], s.n[:])
		s.run.show()
		s.delay.show()
	}
	s.timed.relax(s.n[sBatches], l.lastTicks, l.pace.stale)
}

func (s *sheet) read() (n [sEnd]uint64) {
	for i := range s.shown {
		n[i] = s.shown[i].Load()
	}
	return n
}

// addTo adds the figures to an Exec's.
func (s *sheet) addTo(t *Stats, n *[sEnd]uint64) {
	t.Expired += n[sExpired]
	t.Batches += n[sBatches]
	t.MaxDepth = max(t.MaxDepth, int(n[sMaxDepth]))
	for i := range t.BatchSizes {
		t.BatchSizes[i] += n[sSizes+i]
	}
	t.Rejects += s.rejected.Load()
}
