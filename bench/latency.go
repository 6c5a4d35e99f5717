package main

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/internal/mem"
	"github.com/pushcore/pushcore/ring"
)

// This file measures how long one message takes from the call that sends it to the start of its handler on the other
// core. The message carries the cycle counter's value at the start of the call.

// silence is how long nothing is sent before a message that is to find its receiver asleep.
const silence = 200 * time.Microsecond

// courier carries one message at a time. send returns when the message is visible; it is called on one thread. stop
// ends the receiver and waits for it.
type courier struct {
	send func(stamp int64)
	stop func() error
}

// opener starts a receiver that calls handle with every message, on the spot's second cpu.
type opener func(s spot, handle func(stamp int64)) (courier, error)

func latencyRows() []row {
	loaded := join(ours("pushcore", loadLatency(openGroup(exec.SpinForever))), ours("lane", loadLatency(openExec(exec.SpinForever))),
		ours("ring", loadLatency(openRing)), each("channel", loadLatency(openChannel)), ours("line-oneway", lineOneWay))
	parked := join(ours("pushcore", parkedLatency(openGroup(-1))), ours("lane", parkedLatency(openExec(-1))),
		each("channel", parkedLatency(openChannel)), ours("futex", parkedLatency(openFutex)))
	return []row{
		{name: "Latency/load=10", impls: loaded, targets: []target{within("pushcore", "line-oneway", 3)}},
		{name: "Latency/parked", impls: parked, targets: []target{plus("pushcore", "futex", 2000)}},
	}
}

// lineOneWay is half a round trip of a cache line.
func lineOneWay(s spot, n int) (sample, error) {
	r, err := lineRoundTrip(s, n)
	return sample{value: r.value / 2, unit: "p50-ns"}, err
}

// diary is the receiver's: it notes how old each message is.
type diary struct {
	ages []int64
	last int64
	late int // messages with a stamp below the one before
	_    mem.Pad
	seen mem.Index // messages handled; the sender looks at it only when it waits
	_    mem.Pad
}

// handle is the handler. Negative stamps only count: they make up the burst by which the pace is set.
func (d *diary) handle(stamp int64) {
	if stamp > 0 {
		now := mem.Ticks()
		if stamp < d.last {
			d.late++
		}
		d.last = stamp
		d.ages = append(d.ages, now-stamp)
	}
	d.seen.StoreRelease(d.seen.Load() + 1)
}

// await waits until n messages were handled.
func (d *diary) await(n int) {
	for wait := (poll{}); d.seen.Load() < uint64(n); {
		wait.took(0, 1)
	}
}

func (d *diary) sample(s spot, n int) (sample, error) {
	if len(d.ages) != n || d.late > 0 {
		return sample{}, fmt.Errorf("data error: %d messages of %d arrived, %d of them out of order", len(d.ages), n, d.late)
	}
	ns := make([]float64, n)
	for i, t := range d.ages {
		ns[i] = float64(mem.TicksDuration(t - s.skew))
	}
	slices.Sort(ns)
	return sample{value: ns[n/2], unit: "p50-ns", extra: []metric{{ns[n*99/100], "p99-ns"}}}, nil
}

// burst is how many messages are sent as fast as they go to find out how fast that is.
const burst = 4096

// loadLatency sends at a tenth of the pace at which the courier can be sent to.
func loadLatency(open opener) func(s spot, n int) (sample, error) {
	return latencyOf(open, func(c courier, d *diary, n int) {
		start := mem.Ticks()
		for range burst {
			c.send(-1)
		}
		d.await(burst)
		gap := 10 * (mem.Ticks() - start) / burst
		next := mem.Ticks()
		for range n {
			now := mem.Ticks()
			for ; now < next; now = mem.Ticks() {
			}
			// A sender that was stopped does not catch up: that would be a burst.
			next = max(next+gap, now+gap/2)
			c.send(mem.Ticks())
		}
		d.await(burst + n)
	})
}

// parkedLatency sends into silence.
func parkedLatency(open opener) func(s spot, n int) (sample, error) {
	return latencyOf(open, func(c courier, d *diary, n int) {
		for i := range n {
			for start := time.Now(); time.Since(start) < silence; {
				mem.Pause()
			}
			c.send(mem.Ticks())
			d.await(i + 1)
		}
	})
}

func latencyOf(open opener, send func(courier, *diary, int)) func(s spot, n int) (sample, error) {
	return func(s spot, n int) (sample, error) {
		d := &diary{ages: make([]int64, 0, n)}
		c, err := open(s, d.handle)
		if err != nil {
			return sample{}, err
		}
		_, err = s.on(0, func() error {
			send(c, d, n)
			return nil
		})
		if err = errors.Join(err, c.stop()); err != nil {
			return sample{}, err
		}
		return d.sample(s, n)
	}
}

// receiver runs loop on the second cpu until stop, which waits for it.
func (s spot) receiver(loop func(), end func()) (stop func() error) {
	var wg sync.WaitGroup
	var err error
	wg.Go(func() {
		err = s.enter(1)
		loop()
	})
	return func() error {
		end()
		wg.Wait()
		return err
	}
}

// openRing polls a ring.
func openRing(s spot, handle func(int64)) (courier, error) {
	r := ring.NewSPSC[int64](capacity)
	stop := s.receiver(func() {
		dst := make([]int64, drain)
		for {
			n := r.PopBatch(dst)
			for _, v := range dst[:n] {
				handle(v)
			}
			if n == 0 {
				if r.Closed() && r.Len() == 0 {
					return
				}
				mem.Pause()
			}
		}
	}, r.Close)
	return courier{func(v int64) {
		for !r.Push(v) {
			mem.Pause()
		}
	}, stop}, nil
}

// openChannel receives from a channel; between messages its goroutine is parked, and its thread, too, when the
// silence is long.
func openChannel(s spot, handle func(int64)) (courier, error) {
	ch := make(chan int64, capacity)
	stop := s.receiver(func() {
		for v := range ch {
			handle(v)
		}
	}, func() { close(ch) })
	return courier{func(v int64) { ch <- v }, stop}, nil
}

// openFutex sleeps in the kernel and nowhere else: what a wake takes at least. It holds one message.
func openFutex(s spot, handle func(int64)) (courier, error) {
	if !futexHere {
		return courier{}, fmt.Errorf("%w: no futexes on %s", errSkip, runtime.GOOS)
	}
	box := new(struct { // on the heap: stacks move
		word  atomic.Uint32 // 1: there is a message
		ended atomic.Bool
		stamp int64
	})
	stop := s.receiver(func() {
		for !box.ended.Load() {
			if futexWait(&box.word, 0); box.word.Load() == 1 {
				handle(box.stamp)
				box.word.Store(0)
			}
		}
	}, func() { box.ended.Store(true) })
	return courier{func(v int64) {
		box.stamp = v
		box.word.Store(1)
		futexWake(&box.word)
	}, stop}, nil
}
