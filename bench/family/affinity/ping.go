package affinity

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/place"
	"github.com/pushcore/pushcore/internal/mem"
)

// spinning is an exec.Config.Spin.
type spinning = time.Duration

// newExec makes an Exec that runs on the spot's cpu i, if that is pinned, and waits as spin says.
func newExec(s measure.Spot, i int, spin spinning) (*exec.Exec, error) {
	// The log would say each time that there are few processors for loops that poll.
	cfg := exec.Config{Spin: spin, Logger: slog.New(slog.DiscardHandler)}
	if s.Pinned && s.WorkerCPU() != nil {
		cfg.CPUs = place.Of(s.CPUs[i])
	}
	return exec.New(cfg)
}

// during runs x while body runs.
func during(x *exec.Exec, body func() (measure.Sample, error)) (measure.Sample, error) {
	if err := x.Start(); err != nil {
		return measure.Sample{}, err
	}
	sm, err := body()
	x.Stop()
	return sm, errors.Join(err, x.Wait())
}

// pingTime ends a measurement early: two loops that poll on one cpu take milliseconds for each round trip.
const pingTime = 200 * time.Millisecond

// laps times round trips, one by one: who waits how, and beside whom, is seen in the slow ones.
type laps struct {
	n, done     uint64
	first, last int64 // ticks: at the start, and at the end of the last one
	trips       *ages.Times
}

func newLaps(n int) *laps {
	now := mem.Ticks()
	return &laps{n: uint64(n), first: now, last: now, trips: ages.NewTimes()}
}

// lap notes the end of one whose answer is right if it is want, and reports whether there is to be another.
func (l *laps) lap(answer, want uint64) (more bool, err error) {
	if answer != want {
		return false, fmt.Errorf("data error: the answer is %d instead of %d", answer, want)
	}
	now := mem.Ticks()
	l.trips.Ticks(now - l.last)
	l.last = now
	l.done++
	return l.done < l.n && mem.TicksDuration(now-l.first) < pingTime, nil
}

func (l *laps) sample() measure.Sample {
	ms := l.trips.Metrics()
	if ms[1].Unit != ages.Max {
		ms = append(ms, measure.Metric{Value: l.trips.Max(), Unit: ages.Max})
	}
	return measure.Sample{Items: float64(l.done), Metrics: ms}
}

// ball is a task that goes from one Exec to the other and back. Who has it has all of it.
type ball struct {
	from, to *exec.Exec
	answer   uint64
	laps     *laps
	end      chan error // has room for what ends the game
}

var errRefused = errors.New("an Exec that has room refused a task")

// serve sends the ball off.
func (b *ball) serve() {
	if !b.to.TrySend(there{b}) {
		b.end <- errRefused
	}
}

// there is the ball on its way to the other Exec, where it runs.
type there struct{ *ball }

func (b there) Run(*exec.Local) {
	b.answer = ^b.laps.done
	if !b.from.TrySend(b.ball) {
		b.end <- errRefused
	}
}

// Run takes the ball back and sends it off again.
func (b *ball) Run(*exec.Local) {
	if more, err := b.laps.lap(b.answer, ^b.laps.done); more && err == nil {
		b.serve()
	} else {
		b.end <- err
	}
}

// ping sends a task there and one back, n times, between two Execs that both wait as spin says.
func ping(spin spinning) work {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		from, err := newExec(s, 0, spin)
		if err != nil {
			return measure.Sample{}, err
		}
		to, err := newExec(s, 1, spin)
		if err != nil {
			return measure.Sample{}, err
		}
		b := &ball{from: from, to: to, end: make(chan error, 1)}
		return during(to, func() (measure.Sample, error) {
			return during(from, func() (measure.Sample, error) {
				// A channel, because this thread would take a cpu from one of the loops if it polled.
				begin := exec.Func(func(*exec.Local) {
					b.laps = newLaps(n)
					b.serve()
				})
				if !from.TrySend(begin) {
					return measure.Sample{}, errRefused
				}
				if err := <-b.end; err != nil {
					return measure.Sample{}, err
				}
				return b.laps.sample(), nil
			})
		})
	}
}

// pingChannel asks through one channel and answers through another.
func pingChannel(s measure.Spot, n int) (measure.Sample, error) {
	ask, answer := make(chan uint64, 1), make(chan uint64, 1)
	var l *laps
	_, err := s.Pair(func() {
		for v := range ask {
			answer <- ^v
		}
	}, func() (err error) {
		defer close(ask)
		l = newLaps(n)
		for more := true; more && err == nil; {
			ask <- l.done
			more, err = l.lap(<-answer, ^l.done)
		}
		return err
	})
	return l.sample(), err
}
