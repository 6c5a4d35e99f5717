// Package courier measures how long one message that is sent into silence takes, from the call that sends it to the
// start of its handler on the other core. The message carries the cycle counter's value at the start of the call.
package courier

import (
	"errors"
	"fmt"
	"time"

	"github.com/pushcore/pushcore/bench/internal/ages"
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

// Parked measures messages that are sent into silence.
func Parked(open Opener) func(s measure.Spot, n int) (measure.Sample, error) {
	return Silent(open, silence)
}

// Silent measures messages before each of which nothing is sent for as long.
func Silent(open Opener, silence time.Duration) func(s measure.Spot, n int) (measure.Sample, error) {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		d := &diary{times: ages.NewTimes(), skew: s.Skew()}
		c, err := open(s, d.handle)
		if err != nil {
			return measure.Sample{}, err
		}
		_, err = s.On(0, func() error {
			for i := range n {
				for start := time.Now(); time.Since(start) < silence; {
					mem.Pause()
				}
				c.Send(mem.Ticks())
				d.await(i + 1)
			}
			return nil
		})
		if err = errors.Join(err, c.Stop()); err != nil {
			return measure.Sample{}, err
		}
		return d.sample(n)
	}
}

// LineOneWay is half a round trip of a cache line: what no message can go below.
func LineOneWay(s measure.Spot, n int) (measure.Sample, error) {
	trip, err := measure.LineRoundTrip(s, n)
	if err != nil {
		return measure.Sample{}, err
	}
	return measure.Of(trip.Value()/2, ages.P50), nil
}

// diary notes how old each message is, and belongs to the receiver.
type diary struct {
	times *ages.Times
	skew  int64
	last  int64
	wrong int // messages with a stamp below the one before

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
	d.times.Ticks(now - d.skew - stamp)
	d.seen.StoreRelease(d.seen.Load() + 1)
}

// await waits until n messages were handled.
func (d *diary) await(n int) {
	for wait := (measure.Poll{}); d.seen.Load() < uint64(n); {
		wait.Took(0, 1)
	}
}

func (d *diary) sample(n int) (measure.Sample, error) {
	if got := d.times.Count(); got != n || d.wrong > 0 {
		return measure.Sample{}, fmt.Errorf("data error: %d messages of %d arrived, %d of them out of order", got, n, d.wrong)
	}
	return measure.Sample{Metrics: d.times.Metrics()}, d.times.Err()
}
