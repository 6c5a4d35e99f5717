// Package courier measures how long one message takes from the call that sends it to the start of its handler on the
// other core. The message carries the cycle counter's value at the start of the call.
package courier

import (
	"errors"
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/internal/mem"
)

// Courier carries one message at a time. Send returns when the message is visible; it is called on one thread. Stop
// ends the receiver and waits for it.
type Courier struct {
	Send func(stamp int64)
	Stop func() error
}

// Opener starts a receiver that calls handle with every message, on the spot's second cpu.
type Opener func(s measure.Spot, handle func(stamp int64)) (Courier, error)

// silence is how long nothing is sent before a message that is to find its receiver asleep.
const silence = 200 * time.Microsecond

// burst is how many messages are sent as fast as they go to find out how fast that is.
const burst = 4096

// Loaded measures at a share of the pace at which the courier can be sent to, between 0 and 1: messages are due at even
// distances. Beside the ages of the messages that were sent there is a percentile that is corrected for coordinated
// omission: while a sender or a receiver is held up, messages are due that nobody sends, and there these count, too.
func Loaded(open Opener, share float64) func(s measure.Spot, n int) (measure.Sample, error) {
	return ages(open, func(c Courier, d *diary, n int) {
		start := mem.Ticks()
		for range burst {
			c.Send(-mem.Ticks())
		}
		d.await(burst)
		gap := int64(float64(mem.Ticks()-start) / (burst * share))
		d.due = gap
		next := mem.Ticks()
		for range n {
			now := mem.Ticks()
			for ; now < next; now = mem.Ticks() {
			}
			// A sender that was stopped does not catch up: that would be a burst.
			next = max(next+gap, now+gap/2)
			c.Send(now)
		}
		d.await(burst + n)
	})
}

// Parked measures messages that are sent into silence.
func Parked(open Opener) func(s measure.Spot, n int) (measure.Sample, error) {
	return Silent(open, silence)
}

// Silent measures messages before each of which nothing is sent for as long.
func Silent(open Opener, silence time.Duration) func(s measure.Spot, n int) (measure.Sample, error) {
	return ages(open, func(c Courier, d *diary, n int) {
		for i := range n {
			for start := time.Now(); time.Since(start) < silence; {
				mem.Pause()
			}
			c.Send(mem.Ticks())
			d.await(i + 1)
		}
	})
}

// LineOneWay is half a round trip of a cache line: what no message can go below.
func LineOneWay(s measure.Spot, n int) (measure.Sample, error) {
	trip, err := measure.LineRoundTrip(s, n)
	if err != nil {
		return measure.Sample{}, err
	}
	return measure.Of(trip.Value()/2, p50), nil
}

func ages(open Opener, send func(Courier, *diary, int)) func(s measure.Spot, n int) (measure.Sample, error) {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		d := &diary{ages: make([]int64, 0, n)}
		c, err := open(s, d.handle)
		if err != nil {
			return measure.Sample{}, err
		}
		_, err = s.On(0, func() error {
			send(c, d, n)
			return nil
		})
		if err = errors.Join(err, c.Stop()); err != nil {
			return measure.Sample{}, err
		}
		return d.sample(s, n)
	}
}

// diary is the receiver's: it notes how old each message is, in ticks.
type diary struct {
	ages []int64
	last int64
	late int   // messages with a stamp below the one before
	due  int64 // the distance at which messages are due, or 0: the sender's
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
	for wait := (measure.Poll{}); d.seen.Load() < uint64(n); {
		wait.Took(0, 1)
	}
}

// The units of what is found.
const (
	p50    = "p50-ns"
	p99    = "p99-ns"
	p99Due = "p99-due-ns" // of the messages that were due
)

// longest is the greatest age that the histogram tells from greater ones.
const longest = int64(10 * time.Second)

func (d *diary) sample(s measure.Spot, n int) (measure.Sample, error) {
	if len(d.ages) != n || d.late > 0 {
		return measure.Sample{}, fmt.Errorf("data error: %d messages of %d arrived, %d of them out of order", len(d.ages), n, d.late)
	}
	sent, due := hdrhistogram.New(1, longest, 3), hdrhistogram.New(1, longest, 3)
	gap := int64(mem.TicksDuration(d.due))
	for _, t := range d.ages {
		ns := min(max(1, int64(mem.TicksDuration(t-s.Skew()))), longest)
		if err := errors.Join(sent.RecordValue(ns), due.RecordCorrectedValue(ns, gap)); err != nil {
			return measure.Sample{}, err
		}
	}
	got := measure.Sample{Metrics: []measure.Metric{
		{Value: float64(sent.ValueAtQuantile(50)), Unit: p50},
		{Value: float64(sent.ValueAtQuantile(99)), Unit: p99},
	}}
	if gap > 0 {
		got.Metrics = append(got.Metrics, measure.Metric{Value: float64(due.ValueAtQuantile(99)), Unit: p99Due})
	}
	return got, nil
}
