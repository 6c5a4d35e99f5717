package main

import (
	"errors"
	"sync"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// This file holds values that go to a batch handler through an Exec's own inbox, without a group, and what a Go program
// would send them through.

// message is the value of 16 bytes that groups, inboxes and their peers carry.
type message struct {
	seq  uint64
	body uint64 // ^seq
}

// messageBatch is how many messages are sent at a time.
const messageBatch = 32

// fill writes the messages from seq on into ms.
func fill(ms []message, seq uint64) {
	for i := range ms {
		ms[i] = message{seq, ^seq}
		seq++
	}
}

// take notes a message's arrival.
func (c *check) take(m message) {
	c.add(m.seq)
	if m.body != ^m.seq {
		c.wrong++
	}
}

// handle is a handler of messages.
func (t *tally) handle(_ *exec.Local, batch []message) int {
	c := t.check // in registers, as in the peers' loops
	for _, m := range batch {
		c.take(m)
	}
	t.check = c
	if t.next == uint64(t.n) {
		t.done.Store(true)
	}
	return len(batch)
}

// laneValues sends through a lane of an inbox, 32 at a time.
func laneValues(s spot, n int) (sample, error) {
	t := &tally{n: n}
	var d time.Duration
	err := startInbox(s, exec.Config{}, t.handle, func(lane *exec.Lane[message]) (err error) {
		d, err = s.on(0, func() error {
			batch := make([]message, messageBatch)
			for i := 0; i < n; i += messageBatch {
				fill(batch, uint64(i))
				for rest, wait := batch, (poll{}); ; wait.took(0, 1) {
					if rest = rest[lane.PushBatch(rest):]; len(rest) == 0 {
						break
					}
				}
			}
			return t.await()
		})
		return err
	})
	return perOp(d, n), err
}

// startInbox runs an Exec with one inbox and a lane into it while body runs.
func startInbox[T any](s spot, cfg exec.Config, handle func(*exec.Local, []T) int, body func(*exec.Lane[T]) error) error {
	var in *exec.Inbox[T]
	cfg.OnStart = func(l *exec.Local) (err error) {
		in, err = exec.NewInbox(l.Exec(), exec.InboxConfig[T]{Cap: capacity, Handle: handle})
		return err
	}
	return s.start(cfg, func(x *exec.Exec) error {
		lane, err := in.Lane()
		if err != nil {
			return err
		}
		return body(lane)
	})
}

// openExec is a courier to an Exec's inbox.
func openExec(spin time.Duration) opener {
	return func(s spot, handle func(int64)) (courier, error) {
		lanes, ended, end := make(chan *exec.Lane[int64], 1), make(chan error, 1), make(chan struct{})
		go func() {
			ended <- startInbox(s, exec.Config{Spin: spin}, func(_ *exec.Local, batch []int64) int {
				for _, v := range batch {
					handle(v)
				}
				return len(batch)
			}, func(lane *exec.Lane[int64]) error {
				lanes <- lane
				<-end
				return nil
			})
			close(lanes)
		}()
		lane := <-lanes
		if lane == nil {
			return courier{}, errors.Join(errors.New("no lane"), <-ended)
		}
		return courier{func(v int64) {
			for wait := (poll{}); !lane.Push(v); {
				wait.took(0, 1)
			}
		}, func() error {
			close(end)
			return <-ended
		}}, nil
	}
}

// channelMessages is a worker goroutine fed by a channel.
func channelMessages(s spot, n int) (sample, error) {
	ch := make(chan message, capacity)
	d, err := s.pair(func() {
		for i := range uint64(n) {
			ch <- message{i, ^i}
		}
		close(ch)
	}, func() error {
		var c check
		for m := range ch {
			c.take(m)
		}
		return c.err(n)
	})
	return perOp(d, n), err
}

// mutexMessages is mutexSwap for messages, 32 at a time.
func mutexMessages(s spot, n int) (sample, error) {
	var q struct {
		sync.Mutex
		ms []message
	}
	q.ms = make([]message, 0, capacity)
	d, err := s.pair(func() {
		batch := make([]message, messageBatch)
		for i := 0; i < n; i += messageBatch {
			fill(batch, uint64(i))
			for wait := (poll{}); ; wait.took(0, 1) {
				q.Lock()
				if len(q.ms)+messageBatch <= capacity {
					break
				}
				q.Unlock()
			}
			q.ms = append(q.ms, batch...)
			q.Unlock()
		}
	}, func() error {
		var c check
		mine := make([]message, 0, capacity)
		for wait := (poll{}); c.next < uint64(n); {
			q.Lock()
			mine, q.ms = q.ms, mine[:0]
			q.Unlock()
			for _, m := range mine {
				c.take(m)
			}
			wait.took(len(mine), drain)
		}
		return c.err(n)
	})
	return perOp(d, n), err
}
