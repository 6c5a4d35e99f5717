package balance

import (
	"errors"
	"sync/atomic"
)

const (
	// rssFlush is how many picks of a bucket a balancer counts by itself before it adds them to the table: one locked
	// instruction in so many picks.
	rssFlush = 64

	// rssPatience is how many items a bucket that is to move may still send to its old worker. A busy bucket may have
	// something in flight at every look; holding it back for once makes an end of it.
	rssPatience = 1024
)

// rss serves buckets from the table, each by the worker that it was last seen idle to go to.
type rss struct {
	buckets []rssBucket    // as many as the table has
	workers []atomic.Int32 // the table's
	picks   []atomic.Uint64
	place   placement
}

// rssBucket is what one producer knows of a bucket.
type rssBucket struct {
	mark     uint64 // Sent of worker after the last pick, if that was sent
	worker   int32  // where its items go; Full: none was sent yet
	due      int32  // where they should go, Full if nobody is open; worker follows when all that was sent has been taken
	assigned int32  // what due was made from
	picks    uint16 // not yet added to the table
	waited   uint16 // picks since due is another one than worker
}

// RSS returns a policy that looks up each key's bucket in a table, as network cards do: receive side scaling. The
// bucket is the low bits of the key, which is expected to be a good hash; [key.Toeplitz] is the one that cards compute,
// so that packets of a flow that came through the card's queues go on to where the card would put them.
//
// A bucket that nobody has assigned goes to worker bucket % n. One whose worker is closed goes to an open one until
// that comes back; no other bucket moves. Whenever the worker of a bucket changes, by an assignment or in an Update,
// each producer goes over only when all that it has sent of the bucket has been taken. Until then it goes on with the
// old worker, for at most 1024 items, and then, or if that worker is closed, answers Full. So the policy is Ordered,
// and Sticky as well. It ignores depths and weights; a [Rebalancer] honours both loads and weights.
//
// A pick costs two loads and counts. The table is shared on purpose: producers with policies of the same table agree.
//
// The key is not mixed: a card does not do so either. Where the low bits of the same hash have already chosen a node or
// a queue, all keys here have them in common, and few buckets are ever used. Then pass Mix(key), or other bits of it.
//
// The policy returns an error if the table is nil or was not made by NewIndirection, or for more than 65536 workers.
func RSS(table *Indirection) Policy {
	return func(v *View) (Balancer, error) {
		if table == nil || len(table.workers) == 0 {
			return nil, errors.New("balance: RSS without an indirection table (want one from NewIndirection)")
		}
		b := &rss{buckets: make([]rssBucket, table.Size()), workers: table.workers, picks: table.picks}
		for i := range b.buckets {
			b.buckets[i].worker = Full
		}
		if err := b.Update(v); err != nil {
			return nil, err
		}
		return b, nil
	}
}

func (b *rss) Pick(key uint64, v *View) int {
	i := int(key & uint64(len(b.buckets)-1))
	e := &b.buckets[i]
	// One test in the usual case, with what else there may be out of the way.
	if e.picks >= rssFlush || e.worker != e.due || e.assigned != b.workers[i].Load() {
		if !b.attend(i, v) {
			return Full // not counted: a sender may ask many times over
		}
	}
	w := int(e.worker)
	if uint(w) < uint(len(v.Sent)) { // not Full, which is not counted here, either; and the compiler asks no more
		e.picks++
		e.mark = v.Sent[w] + 1
	}
	return w
}

// attend flushes the count of a bucket, looks at the table, and goes over to another worker, each if it is time. It
// reports whether items may be sent to whichever worker the bucket has then.
func (b *rss) attend(i int, v *View) bool {
	e := &b.buckets[i]
	if e.picks >= rssFlush {
		b.picks[i].Add(uint64(e.picks))
		e.picks = 0
	}
	if assigned := b.workers[i].Load(); assigned != e.assigned {
		e.aim(assigned, b.place.bucket(i, assigned))
	}
	return e.worker == e.due || e.follow(v)
}

// aim sets where items of the bucket should go.
func (e *rssBucket) aim(assigned, due int32) {
	if due != e.due {
		e.due, e.waited = due, 0
	}
	e.assigned = assigned
}

// follow goes over to the worker that is due, if that may be, and reports whether items may be sent to whichever it is
// then.
func (e *rssBucket) follow(v *View) bool {
	w := int(e.worker)
	// The last pick may have been refused: then mark is one too many. A worker that does not exist any more has taken
	// all.
	if w == Full || w >= v.N() || v.Taken[w] >= min(e.mark, v.Sent[w]) {
		e.worker = e.due
		return true
	}
	if e.waited == rssPatience || !v.IsOpen(w) {
		return false
	}
	e.waited++
	return true
}

func (b *rss) Update(v *View) error {
	err := b.place.update(v)
	for i := range b.buckets {
		e := &b.buckets[i]
		assigned := b.workers[i].Load()
		e.aim(assigned, b.place.bucket(i, assigned))
	}
	return err
}

func (b *rss) Ordered() bool { return true }

// Sticky implements [Sticky].
func (b *rss) Sticky() bool { return true }

// Reads implements [Frugal].
func (b *rss) Reads() Reads { return ReadsTaken }
