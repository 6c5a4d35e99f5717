package pools

import (
	"fmt"
	"sync/atomic"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/message"
	"github.com/pushcore/pushcore/internal/mem"
)

// MaxProducers is how many producers a Roll can tell apart.
const MaxProducers = 4

// producerBit is where the producer's index is in a message's number.
const producerBit = 30

// Make returns the i-th message of a producer.
func Make(producer int, i uint64) message.Message {
	return message.Make(uint64(producer)<<producerBit | i)
}

// Split returns whose message this is, and which of theirs.
func Split(m message.Message) (producer, i int) {
	return int(m.Seq >> producerBit), int(m.Seq & (1<<producerBit - 1))
}

// Roll is the account of what was done: how many messages, and the sum of their marks. A worker that is told apart
// has a Place of its own in it. The others share one word: an atomic add is the least that keeps their account.
type Roll struct {
	// Loose is set where a worker's messages may be out of order: what is refused of a batch is sent again, and may then
	// go to another worker, which has later ones of the batch. It is set before anything is seen.
	Loose  bool
	places []Place
	_      mem.Pad
	common atomic.Uint64
	_      mem.Pad
	wrong  atomic.Uint64
}

// Place is what one worker has seen; only that writes to it.
type Place struct {
	_     mem.Pad
	roll  *Roll
	next  [MaxProducers]uint64 // the least number that may come next from each
	word  uint64
	wrong uint64
	_     mem.Pad
	shown mem.Index // word, for who waits
	_     mem.Pad
}

// A word has the count in its lower bits and the sum of the marks, as far as there is room, in the upper ones: what is
// lost and something else that comes twice show there.
const (
	countBits = 28
	countMask = 1<<countBits - 1
)

func wordOf(seq uint64) uint64 { return message.Mark(seq)<<countBits | 1 }

// NewRoll has a place for each of so many workers.
func NewRoll(workers int) *Roll {
	r := &Roll{places: make([]Place, workers)}
	for i := range r.places {
		r.places[i].roll = r
	}
	return r
}

// Place returns a worker's.
func (r *Roll) Place(worker int) *Place { return &r.places[worker] }

// See notes a message, which nobody else sees until Show. A worker gets what a producer has sent to it in the order
// sent.
func (p *Place) See(m message.Message) {
	from, i := m.Seq>>producerBit%MaxProducers, m.Seq&(1<<producerBit-1)
	if m.Body != ^m.Seq || i < p.next[from] && !p.roll.Loose {
		p.wrong++
	}
	p.next[from] = i + 1
	p.word += wordOf(m.Seq)
}

// Show makes what was seen visible to who waits.
func (p *Place) Show() { p.shown.StoreRelease(p.word) }

// See notes a message of a worker, or of Anyone.
func (r *Roll) See(worker int, m message.Message) {
	if worker != Anyone {
		p := &r.places[worker]
		p.See(m)
		p.Show()
		return
	}
	if m.Body != ^m.Seq {
		r.wrong.Add(1)
	}
	r.common.Add(wordOf(m.Seq))
}

// word adds up what is shown.
func (r *Roll) word() uint64 {
	w := r.common.Load()
	for i := range r.places {
		w += r.places[i].shown.Load()
	}
	return w
}

// Seen is how many messages have been seen and shown.
func (r *Roll) Seen() int { return int(r.word() & countMask) }

// Await waits until so many messages have been seen, by threads of their own or by goroutines.
func (r *Roll) Await(threads bool, n int) {
	for wait := measure.Shared(threads); r.Seen() < n; {
		wait.Took(0, 1)
	}
}

// Err says whether each of so many producers' messages, from 0 to each-1, was seen once. All workers have shown what
// they have, and will see no more.
func (r *Roll) Err(producers, each int) error {
	var want uint64
	for p := range producers {
		for i := range uint64(each) {
			want += wordOf(Make(p, i).Seq)
		}
	}
	wrong, got := r.wrong.Load(), r.word()
	for i := range r.places {
		wrong += r.places[i].wrong
	}
	if wrong != 0 || got != want {
		return fmt.Errorf("data error: %d messages of %d were seen, %d of them changed or out of order, "+
			"and the sum of their marks is %#x instead of %#x",
			got&countMask, producers*each, wrong, got>>countBits, want>>countBits)
	}
	return nil
}
