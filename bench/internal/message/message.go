// Package message is the value of 16 bytes that inboxes, groups and their peers carry.
package message

import (
	"sync"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/exec"
)

// Message is a number, and what tells that nobody changed it.
type Message struct {
	Seq  uint64
	Body uint64 // ^Seq
}

// Batch is how many are sent at a time.
const Batch = 32

// Make returns the message with this number.
func Make(seq uint64) Message { return Message{seq, ^seq} }

// Mark scatters the numbers (Fibonacci hashing), so that no two sets of them have one sum by chance. It is for
// consumers that see them in no order.
func Mark(seq uint64) uint64 {
	seq *= 0x9e3779b97f4a7c15
	return seq ^ seq>>32
}

// Fill writes the messages from seq on into ms.
func Fill(ms []Message, seq uint64) {
	for i := range ms {
		ms[i] = Make(seq)
		seq++
	}
}

// Take notes a message's arrival.
func Take(c *measure.Check, m Message) {
	c.Add(m.Seq)
	if m.Body != ^m.Seq {
		c.Wrong++
	}
}

// Handler returns a batch handler that fills the tally.
func Handler(t *measure.Tally) func(*exec.Local, []Message) int {
	return func(_ *exec.Local, batch []Message) int {
		c := t.Check // in registers, as in the peers' loops
		for _, m := range batch {
			Take(&c, m)
		}
		t.Check = c
		if t.Next == uint64(t.N) {
			t.Done.Store(true)
		}
		return len(batch)
	}
}

// Channel is a worker goroutine fed by a channel.
func Channel(s measure.Spot, n int) (measure.Sample, error) {
	ch := make(chan Message, measure.Capacity)
	d, err := s.Pair(func() {
		for i := range uint64(n) {
			ch <- Make(i)
		}
		close(ch)
	}, func() error {
		var c measure.Check
		for m := range ch {
			Take(&c, m)
		}
		return c.Err(n)
	})
	return measure.PerOp(d, n), err
}

// swap is a slice under a mutex to which the producer appends, and which the consumer takes whole.
type swap struct {
	sync.Mutex
	ms   []Message
	mine []Message // the consumer's
}

func newSwap() *swap {
	return &swap{ms: make([]Message, 0, measure.Capacity), mine: make([]Message, 0, measure.Capacity)}
}

// put appends all of a batch, waiting for room.
func (q *swap) put(batch []Message) {
	for wait := (measure.Poll{}); ; wait.Took(0, 1) {
		q.Lock()
		if len(q.ms)+len(batch) <= measure.Capacity {
			break
		}
		q.Unlock()
	}
	q.ms = append(q.ms, batch...)
	q.Unlock()
}

// take returns what there is, until the next call.
func (q *swap) take() []Message {
	q.Lock()
	q.mine, q.ms = q.ms, q.mine[:0]
	q.Unlock()
	return q.mine
}

// MutexSwap sends through one of these, a batch at a time.
func MutexSwap(s measure.Spot, n int) (measure.Sample, error) {
	q := newSwap()
	d, err := s.Pair(func() {
		batch := make([]Message, Batch)
		for i := 0; i < n; i += Batch {
			some := batch[:min(Batch, n-i)]
			Fill(some, uint64(i))
			q.put(some)
		}
	}, func() error {
		var c measure.Check
		for wait := (measure.Poll{}); c.Next < uint64(n); {
			mine := q.take()
			for _, m := range mine {
				Take(&c, m)
			}
			wait.Took(len(mine), measure.Drain)
		}
		return c.Err(n)
	})
	return measure.PerOp(d, n), err
}
