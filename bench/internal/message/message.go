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

// MutexSwap is a slice under a mutex to which the producer appends a batch, and which the consumer takes whole.
func MutexSwap(s measure.Spot, n int) (measure.Sample, error) {
	var q struct {
		sync.Mutex
		ms []Message
	}
	q.ms = make([]Message, 0, measure.Capacity)
	d, err := s.Pair(func() {
		batch := make([]Message, Batch)
		for i := 0; i < n; i += Batch {
			Fill(batch, uint64(i))
			for wait := (measure.Poll{}); ; wait.Took(0, 1) {
				q.Lock()
				if len(q.ms)+Batch <= measure.Capacity {
					break
				}
				q.Unlock()
			}
			q.ms = append(q.ms, batch...)
			q.Unlock()
		}
	}, func() error {
		var c measure.Check
		mine := make([]Message, 0, measure.Capacity)
		for wait := (measure.Poll{}); c.Next < uint64(n); {
			q.Lock()
			mine, q.ms = q.ms, mine[:0]
			q.Unlock()
			for _, m := range mine {
				Take(&c, m)
			}
			wait.Took(len(mine), measure.Drain)
		}
		return c.Err(n)
	})
	return measure.PerOp(d, n), err
}
