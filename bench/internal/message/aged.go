package message

import (
	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/internal/mem"
)

// This file holds the peers of this package with messages that are due: sent then, and aged where they arrive. The
// loops are doubled on purpose: those that measure throughput look at no clock.

// run is the work of an implementation.
type run = func(s measure.Spot, n int) (measure.Sample, error)

// ChannelAged is Channel at a load.
func ChannelAged(load int) run {
	return aged(load, func(s measure.Spot, due *ages.Schedule) error {
		ch := make(chan Message, measure.Capacity)
		_, err := s.Pair(func() {
			_ = due.Send(0, 1, nil, func(i, _ int) error { // it is send's error, and that has none
				ch <- Make(uint64(i))
				return nil
			})
			close(ch)
		}, func() error {
			var c measure.Check
			for m := range ch {
				due.Done(0, int(m.Seq), mem.Ticks()-s.Skew())
				Take(&c, m)
			}
			due.End()
			return c.Err(due.Len())
		})
		return err
	})
}

// MutexSwapAged is MutexSwap at a load: what is due is appended together, by Batch at most.
func MutexSwapAged(load int) run {
	return aged(load, func(s measure.Spot, due *ages.Schedule) error {
		q := newSwap()
		_, err := s.Pair(func() {
			batch := make([]Message, Batch)
			_ = due.Send(0, Batch, nil, func(from, to int) error {
				Fill(batch[:to-from], uint64(from))
				q.put(batch[:to-from])
				return nil
			})
		}, func() error {
			var c measure.Check
			for c.Next < uint64(due.Len()) {
				ms := q.take()
				now := mem.Ticks() - s.Skew()
				for _, m := range ms {
					due.Done(0, int(m.Seq), now)
					Take(&c, m)
				}
				if len(ms) == 0 {
					mem.Pause()
				}
			}
			due.End()
			return c.Err(due.Len())
		})
		return err
	})
}

func aged(load int, once func(measure.Spot, *ages.Schedule) error) run {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		return ages.Load(n, 1, load, func(due *ages.Schedule) error { return once(s, due) })
	}
}
