package groups

import (
	"time"

	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/pools"
)

// This file asks everyone for the same: so many messages of work a second, as a share of what the workers can do.

// scheduleTime is how long messages are due in one measurement: as long for everyone, because who does not keep up gets
// later and later.
const scheduleTime = 25 * time.Millisecond

// timed is a team that is asked for a share of what its workers can do, in percent.
type timed struct {
	team
	load int
}

// impls lists who does that.
func (t timed) impls() []measure.Impl {
	return measure.Join(measure.EachOurs("pushcore", t.ours), pools.Walking(pools.Values(t.peers)))
}

// amount is how many messages are due.
func (t timed) amount() int { return int(float64(scheduleTime) / t.gap()) }

// gap is the time between two messages, in ns.
func (t timed) gap() float64 { return float64(t.work) / float64(t.workers) / float64(t.load) * 100 }

// ours is the run of a group.
func (t timed) ours(s measure.Spot, n int) (measure.Sample, error) {
	return t.sample(n, func(due *ages.Schedule) error { return t.offer(s, due, 1, oneByOne) })
}

// peers is the run of a pool.
func (t timed) peers(open pools.Opener[value]) run {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		return t.sample(n, func(due *ages.Schedule) error { return t.offerPeer(s, due, open) })
	}
}

func (t timed) sample(n int, offer func(*ages.Schedule) error) (measure.Sample, error) {
	due := ages.Every(t.gap(), n)
	if err := offer(due); err != nil {
		return measure.Sample{}, err
	}
	return due.Sample()
}
