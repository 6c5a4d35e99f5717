package balancesim

import "math"

var forever = math.Inf(1)

// tally is what a run counts. Only items that come after the warm-up count, whenever they are done.
type tally struct {
	warm    int64
	perItem float64 // batches per item
	batches []batch

	first, last float64 // arrivals
	times       histogram
	work        []float64 // given to each worker, as the time that it takes there
	items       []int     // given to each worker
	speed       []float64

	maxQueue, maxHeld          int
	reordered, dropped, unsent int
}

// batch sums up some items that came one after the other.
type batch struct {
	arrived, done, refused float64
	sojourn, wait          float64
}

func newTally(c Config) *tally {
	return &tally{
		warm:    int64(c.WarmUp),
		perItem: float64(c.Batches) / float64(c.Items),
		batches: make([]batch, c.Batches),
		first:   -1,
		work:    make([]float64, c.Workers),
		items:   make([]int, c.Workers),
		speed:   c.Speed,
	}
}

// batch returns that of an item, nil if it does not count.
func (t *tally) batch(it *item) *batch {
	n := it.seq - t.warm
	if n < 0 {
		return nil
	}
	return &t.batches[min(int(float64(n)*t.perItem), len(t.batches)-1)]
}

func (t *tally) arrived(it *item) {
	if b := t.batch(it); b != nil {
		b.arrived++
		if t.first < 0 {
			t.first = it.at
		}
		t.last = it.at
	}
}

func (t *tally) refused(it *item) {
	if b := t.batch(it); b != nil {
		b.refused++
	}
}

// sent counts an item as its worker's, whose queue it has made that long.
func (t *tally) sent(it *item, w, queue int) {
	t.maxQueue = max(t.maxQueue, queue)
	if it.seq >= t.warm {
		t.items[w]++
		t.work[w] += it.work / t.speed[w]
	}
}

func (t *tally) done(it *item, now float64) {
	if b := t.batch(it); b != nil {
		b.done++
		b.sojourn += now - it.at
		b.wait += it.start - it.at
		t.times.add(now - it.at)
	}
}
