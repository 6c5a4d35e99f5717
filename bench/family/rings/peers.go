package rings

import (
	"sync"

	"github.com/pushcore/pushcore/bench/internal/measure"

	"github.com/puzpuzpuz/xsync/v4"
)

// This file holds the queues that pushcore's rings are compared with.

// channelOne is a buffered channel: it knows no batches.
func channelOne(s measure.Spot, n int) (measure.Sample, error) {
	ch := make(chan uint64, measure.Capacity)
	d, err := s.Pair(func() {
		for i := range uint64(n) {
			ch <- i
		}
		close(ch)
	}, func() error {
		var c measure.Check
		for v := range ch {
			c.Add(v)
		}
		return c.Err(n)
	})
	return measure.PerOp(d, n), err
}

// mutexSwap is the peer people forget: a slice under a mutex to which the producer appends, group values at a time,
// and which the consumer takes whole, leaving the one that it has read in its place.
func mutexSwap(s measure.Spot, n, group int) (measure.Sample, error) {
	var q struct {
		sync.Mutex
		vs []uint64
	}
	q.vs = make([]uint64, 0, measure.Capacity)
	d, err := s.Pair(func() {
		src := make([]uint64, group)
		for i := uint64(0); i < uint64(n); i += uint64(group) {
			for j := range src {
				src[j] = i + uint64(j)
			}
			for wait := (measure.Poll{}); ; wait.Took(0, 1) {
				q.Lock()
				if len(q.vs)+group <= measure.Capacity {
					break
				}
				q.Unlock()
			}
			q.vs = append(q.vs, src...)
			q.Unlock()
		}
	}, func() error {
		var c measure.Check
		mine := make([]uint64, 0, measure.Capacity)
		for wait := (measure.Poll{}); c.Next < uint64(n); {
			q.Lock()
			mine, q.vs = q.vs, mine[:0]
			q.Unlock()
			for _, v := range mine {
				c.Add(v)
			}
			wait.Took(len(mine), measure.Drain)
		}
		return c.Err(n)
	})
	return measure.PerOp(d, n), err
}

// xsyncOne is xsync's ring, one at a time at both ends: it has no batches.
func xsyncOne(s measure.Spot, n int) (measure.Sample, error) {
	q := xsync.NewSPSCQueue[uint64](measure.Capacity)
	d, err := s.Pair(func() {
		for i := range uint64(n) {
			for wait := (measure.Poll{}); !q.TryEnqueue(i); {
				wait.Took(0, 1)
			}
		}
	}, func() error {
		var c measure.Check
		for wait := (measure.Poll{}); c.Next < uint64(n); {
			v, ok := q.TryDequeue()
			if !ok {
				wait.Took(0, 1)
				continue
			}
			wait.Took(1, 1)
			c.Add(v)
		}
		return c.Err(n)
	})
	return measure.PerOp(d, n), err
}
