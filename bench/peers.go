package main

import (
	"sync"

	"github.com/puzpuzpuz/xsync/v4"
)

// This file holds the queues that pushcore's rings are compared with.

// channelOne is a buffered channel: it knows no batches.
func channelOne(s spot, n int) (sample, error) {
	ch := make(chan uint64, capacity)
	d, err := s.pair(func() {
		for i := range uint64(n) {
			ch <- i
		}
		close(ch)
	}, func() error {
		var c check
		for v := range ch {
			c.add(v)
		}
		return c.err(n)
	})
	return perOp(d, n), err
}

// mutexSwap is the peer people forget: a slice under a mutex to which the producer appends, group values at a time,
// and which the consumer takes whole, leaving the one that it has read in its place.
func mutexSwap(s spot, n, group int) (sample, error) {
	var q struct {
		sync.Mutex
		vs []uint64
	}
	q.vs = make([]uint64, 0, capacity)
	d, err := s.pair(func() {
		src := make([]uint64, group)
		for i := uint64(0); i < uint64(n); i += uint64(group) {
			for j := range src {
				src[j] = i + uint64(j)
			}
			for wait := (poll{}); ; wait.took(0, 1) {
				q.Lock()
				if len(q.vs)+group <= capacity {
					break
				}
				q.Unlock()
			}
			q.vs = append(q.vs, src...)
			q.Unlock()
		}
	}, func() error {
		var c check
		mine := make([]uint64, 0, capacity)
		for wait := (poll{}); c.next < uint64(n); {
			q.Lock()
			mine, q.vs = q.vs, mine[:0]
			q.Unlock()
			for _, v := range mine {
				c.add(v)
			}
			wait.took(len(mine), drain)
		}
		return c.err(n)
	})
	return perOp(d, n), err
}

// xsyncOne is xsync's ring, one at a time at both ends: it has no batches.
func xsyncOne(s spot, n int) (sample, error) {
	q := xsync.NewSPSCQueue[uint64](capacity)
	d, err := s.pair(func() {
		for i := range uint64(n) {
			for wait := (poll{}); !q.TryEnqueue(i); {
				wait.took(0, 1)
			}
		}
	}, func() error {
		var c check
		for wait := (poll{}); c.next < uint64(n); {
			v, ok := q.TryDequeue()
			if !ok {
				wait.took(0, 1)
				continue
			}
			wait.took(1, 1)
			c.add(v)
		}
		return c.err(n)
	})
	return perOp(d, n), err
}
