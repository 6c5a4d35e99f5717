package idle

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pushcore/pushcore/bench/internal/courier"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/message"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/place"
	"github.com/pushcore/pushcore/group"
	"github.com/pushcore/pushcore/internal/mem"
)

// seat is what one worker of a crowd has seen. It belongs to that worker until all is seen. There is no order to check:
// a batch's items that their worker has refused are offered to the next in turn, after newer ones.
type seat struct {
	_       mem.Pad
	seen    mem.Index // for whoever waits
	sum     uint64
	marks   uint64 // the sum of their marks: ones that are lost and others that come twice show there
	changed uint64
	_       mem.Pad
}

func (t *seat) take(ms ...message.Message) {
	for _, m := range ms {
		if m.Body != ^m.Seq {
			t.changed++
		}
		t.sum += m.Seq
		t.marks += message.Mark(m.Seq)
	}
	t.seen.StoreRelease(t.seen.Load() + uint64(len(ms)))
}

// crowd is all of them.
type crowd []seat

// look is how often whoever waits for a crowd looks whether it is done: one who polled would have a cpu of theirs.
const look = 20 * time.Microsecond

// await waits until n messages were seen, half a minute at most.
func (c crowd) await(n int) error {
	for start := time.Now(); ; time.Sleep(look) {
		seen := uint64(0)
		for i := range c {
			seen += c[i].seen.Load()
		}
		if seen >= uint64(n) {
			return c.err(n)
		}
		if time.Since(start) > 30*time.Second {
			return fmt.Errorf("data error: %d of %d messages have not come for half a minute", uint64(n)-seen, n)
		}
	}
}

// err says whether 0 to n-1 were all seen, once each.
func (c crowd) err(n int) error {
	var got, want [4]uint64
	for i := range c {
		t := &c[i]
		for k, v := range [4]uint64{t.seen.Load(), t.sum, t.marks, t.changed} {
			got[k] += v
		}
	}
	for i := range uint64(n) {
		want[0]++
		want[1] += i
		want[2] += message.Mark(i)
	}
	if got != want {
		return fmt.Errorf("data error: messages, sums of numbers and of marks, changed ones: %d instead of %d", got, want)
	}
	return nil
}

// openGroup starts a group whose workers wait as they do by default, and a producer into it that waits for room. end
// closes both.
func openGroup[T any](workers int, cpus place.Set, worker func(id int) func([]T)) (
	p *group.Producer[T], end func() error, err error,
) {
	g, err := group.New(group.Config[T]{
		Workers: workers,
		CPUs:    cpus,
		Depth:   measure.Capacity,
		OnFull:  group.Block(context.Background()),
		Exec:    exec.Config{Logger: quiet},
		Worker: func(_ *exec.Local, id int) (group.Handler[T], error) {
			handle := worker(id)
			return group.HandlerFunc[T](func(_ *exec.Local, batch []T) int {
				handle(batch)
				return len(batch)
			}), nil
		},
	})
	if err != nil {
		return nil, nil, err
	}
	if err := g.Start(); err != nil {
		return nil, nil, err
	}
	if p, err = g.Producer(); err != nil {
		g.Stop()
		return nil, nil, errors.Join(err, g.Wait())
	}
	return p, func() error {
		rest, err := p.Close()
		undone, err2 := g.Drain(context.Background())
		if n := len(rest) + len(undone); n > 0 {
			err = errors.Join(err, fmt.Errorf("data error: %d items were left over", n))
		}
		return errors.Join(err, err2, g.Wait())
	}, nil
}

// crowdGroup sends to a group, round robin, by 32.
func crowdGroup(workers int) run {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		c := make(crowd, workers)
		p, end, err := openGroup(workers, spread(s, workers), func(id int) func([]message.Message) {
			return func(batch []message.Message) { c[id].take(batch...) }
		})
		if err != nil {
			return measure.Sample{}, err
		}
		start := time.Now()
		batch := make([]message.Message, message.Batch)
		for i := 0; i < n && err == nil; i += message.Batch {
			some := batch[:min(message.Batch, n-i)]
			message.Fill(some, uint64(i))
			_, err = p.SendBatch(some)
		}
		if err == nil {
			err = c.await(n)
		}
		took := time.Since(start)
		return measure.PerOp(took, n), errors.Join(err, end())
	}
}

// crowdChannels sends to goroutines, each of which has a channel, in turn.
func crowdChannels(workers int) run {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		c := make(crowd, workers)
		chs := make([]chan message.Message, workers)
		errs := make([]error, workers)
		var ended sync.WaitGroup
		for i := range chs {
			chs[i] = make(chan message.Message, measure.Capacity)
			ended.Go(func() {
				errs[i] = s.Enter((i + 1) % 2)
				for m := range chs[i] {
					c[i].take(m)
				}
			})
		}
		start := time.Now()
		for i := range uint64(n) {
			chs[i%uint64(workers)] <- message.Make(i)
		}
		err := c.await(n)
		took := time.Since(start)
		for _, ch := range chs {
			close(ch)
		}
		ended.Wait()
		return measure.PerOp(took, n), errors.Join(append(errs, err)...)
	}
}

// openWorker is a courier to a group of one worker.
func openWorker(s measure.Spot, handle func(int64)) (courier.Courier, error) {
	p, end, err := openGroup(1, s.WorkerCPU(), func(int) func([]int64) {
		return func(batch []int64) {
			for _, v := range batch {
				handle(v)
			}
		}
	})
	if err != nil {
		return courier.Courier{}, err
	}
	var failed error
	return courier.Courier{
		Send: func(v int64) { failed = errors.Join(failed, p.Send(v)) },
		Stop: func() error { return errors.Join(failed, end()) },
	}, nil
}
