// Package courier measures how long one message takes from the call that sends it to the start of its handler on the
// other core. The message carries the cycle counter's value at the start of the call.
package courier

import (
	"errors"
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/stat"
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

// The pace at which a courier can be sent to is the median of some bursts, each of several queues full.
const (
	bursts = 5
	burst  = 4 * measure.Capacity
)

// Loaded measures at a share of the pace at which the courier can be sent to, between 0 and 1. Messages are due at even
// distances, whether sender and receiver keep up or not, and a message's age counts from when it was due: who holds the
// others up cannot leave them out. Beside it is the age since it was sent.
func Loaded(open Opener, share float64) func(s measure.Spot, n int) (measure.Sample, error) {
	return ages(open, bursts*burst, func(c Courier, d *diary, n int) {
		d.gap = int64(float64(pace(c, d)) / share)
		d.late = d.late[:0]
		d.offer(c, n, d.gap)
		d.await(bursts*burst + n)
	})
}

// pace returns how many ticks a message takes when they are sent as fast as they go, by a sender that does for each what
// it does when they are due.
func pace(c Courier, d *diary) int64 {
	took := make([]float64, bursts)
	for i := range took {
		start := mem.Ticks()
		d.offer(c, burst, 0)
		d.await((i + 1) * burst)
		took[i] = float64(mem.Ticks()-start) / burst
	}
	return max(1, int64(stat.Median(took)))
}

// offer sends n messages, due at distances of gap.
func (d *diary) offer(c Courier, n int, gap int64) {
	due := mem.Ticks() + gap
	for range n {
		now := mem.Ticks()
		for ; now < due; now = mem.Ticks() {
		}
		d.late = append(d.late, now-due)
		c.Send(due)
		due += gap
	}
}

// Parked measures messages that are sent into silence.
func Parked(open Opener) func(s measure.Spot, n int) (measure.Sample, error) {
	return Silent(open, silence)
}

// Silent measures messages before each of which nothing is sent for as long.
func Silent(open Opener, silence time.Duration) func(s measure.Spot, n int) (measure.Sample, error) {
	return ages(open, 0, func(c Courier, d *diary, n int) {
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

// ages runs send, which sends warm messages to begin with and then n whose ages are wanted.
func ages(open Opener, warm int, send func(Courier, *diary, int)) func(s measure.Spot, n int) (measure.Sample, error) {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		d := &diary{ages: make([]int64, 0, warm+n), late: make([]int64, 0, warm+n), warm: warm}
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

// diary notes how old each message is, in ticks. It is the receiver's, but for what is said to be the sender's.
type diary struct {
	ages  []int64
	last  int64
	wrong int // messages with a stamp below the one before
	warm  int // as many of the first do not count

	late []int64 // the sender's: by how much each message was sent after it was due
	gap  int64   // the sender's: the distance at which messages are due; 0: when the sender likes

	_    mem.Pad
	seen mem.Index // messages handled; the sender looks at it only when it waits
	_    mem.Pad
}

// handle is the handler.
func (d *diary) handle(stamp int64) {
	now := mem.Ticks()
	if stamp < d.last {
		d.wrong++
	}
	d.last = stamp
	d.ages = append(d.ages, now-stamp)
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
	p50     = "p50-ns"
	p99     = "p99-ns"
	p99Sent = "p99-sent-ns" // since it was sent, where p99 is since it was due
	rate    = "due/s"
)

// longest is the greatest age that the histogram tells from greater ones.
const longest = int64(10 * time.Second)

func (d *diary) sample(s measure.Spot, n int) (measure.Sample, error) {
	if len(d.ages) != d.warm+n || d.wrong > 0 {
		return measure.Sample{}, fmt.Errorf("data error: %d messages of %d arrived, %d of them out of order", len(d.ages), d.warm+n, d.wrong)
	}
	due, sent := hdrhistogram.New(1, longest, 3), hdrhistogram.New(1, longest, 3)
	record := func(h *hdrhistogram.Histogram, ticks int64) error {
		return h.RecordValue(min(max(1, int64(mem.TicksDuration(ticks-s.Skew()))), longest))
	}
	for i, t := range d.ages[d.warm:] {
		if err := record(due, t); err != nil {
			return measure.Sample{}, err
		}
		if d.gap > 0 {
			if err := record(sent, t-d.late[i]); err != nil {
				return measure.Sample{}, err
			}
		}
	}
	got := measure.Sample{Metrics: []measure.Metric{
		{Value: float64(due.ValueAtQuantile(50)), Unit: p50},
		{Value: float64(due.ValueAtQuantile(99)), Unit: p99},
	}}
	if d.gap > 0 {
		got.Metrics = append(got.Metrics, measure.Metric{Value: float64(sent.ValueAtQuantile(99)), Unit: p99Sent},
			measure.Metric{Value: 1e9 / (float64(mem.TicksDuration(d.gap<<16)) / (1 << 16)), Unit: rate})
	}
	return got, nil
}
