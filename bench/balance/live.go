package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/balance/balancesim"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/place"
	"github.com/pushcore/pushcore/group"
)

// item is what is sent: when it was due, how long it takes, and its place in the order of its key.
type item struct {
	due, sent time.Duration // since the run began
	work      time.Duration
	rank      int
	ordinal   uint32
}

// arrival is an item before it is sent. All are drawn before the run, so that drawing takes no time of it.
type arrival struct {
	due, work time.Duration
	key       uint64
	rank      int // of the key
}

// measured is what a run has found. Times are in units.
type measured struct {
	Sent, Served int
	Refused      float64 // share that could not be sent when due
	Mean         float64
	P50, P99     float64
	Imbalance    float64 // max/mean of the work that workers were given
	Reordered    int     // items that began before an earlier one of their key was done
	Late         float64 // how late the producer was at sending what was not refused, p99
}

// liveRun is one run: a policy on a group.
type liveRun struct {
	policy  balance.Policy
	workers int
	unit    time.Duration
	items   []arrival
	keys    int

	began time.Time
	done  []atomic.Uint32 // items served, by key: the workers share it
	early atomic.Int64    // items that began too early
	seats []*seat
}

// seat is what a worker of the group has: it touches nothing of another's but the counts of keys.
type seat struct {
	run   *liveRun
	free  time.Duration   // when it is done with what it has served so far
	took  []time.Duration // sojourn times
	given time.Duration   // work
}

// Handle serves one item: it is over when its time is. The loop sleeps meanwhile, in the place of a processor that
// would be busy; the item stays in its lane until then, so that depths count it. A thread that wakes up late makes this
// item late, but does not put off the ones behind it: they are timed from when this one should have been done.
func (s *seat) Handle(_ *exec.Local, batch []item) int {
	it := &batch[0]
	if s.run.done[it.rank].Load() != it.ordinal {
		s.run.early.Add(1)
	}
	s.free = max(s.free, it.sent) + it.work
	time.Sleep(s.free - s.run.now())
	s.took = append(s.took, s.run.now()-it.due)
	s.given += it.work
	s.run.done[it.rank].Add(1)
	return 1
}

func (r *liveRun) now() time.Duration { return time.Since(r.began) }

// draw makes the arrivals of a run: Poisson, with exponential service.
func draw(seed uint64, workers int, load float64, unit, length time.Duration, keys balancesim.Keys) (all []arrival) {
	rng := rand.New(rand.NewPCG(seed, 0))
	gap := float64(unit) / (load * float64(workers))
	for due := gap * rng.ExpFloat64(); due < float64(length); due += gap * rng.ExpFloat64() {
		rank := keys.Draw(rng)
		all = append(all, arrival{
			due:  time.Duration(due),
			work: time.Duration(float64(unit) * rng.ExpFloat64()),
			key:  keyOf(seed, rank),
			rank: rank,
		})
	}
	return all
}

// keyOf returns the key of a rank: another seed has other keys, which other workers own.
func keyOf(seed uint64, rank int) uint64 { return balance.Mix(balance.Mix(seed) + uint64(rank)) }

// run sends the items when they are due, and waits until they are served.
func (r *liveRun) run(ctx context.Context) (m measured, err error) {
	r.done = make([]atomic.Uint32, r.keys)
	r.seats = make([]*seat, r.workers)
	g, err := group.New(group.Config[item]{
		Name:    "live",
		Workers: r.workers,
		Balance: r.policy,
		Depth:   1 << 16, // what queues is the policy's business, not the lane's
		Exec:    exec.Config{Spin: -1},
		Worker: func(_ *exec.Local, id int) (group.Handler[item], error) {
			r.seats[id] = &seat{run: r, took: make([]time.Duration, 0, len(r.items)/r.workers*2)}
			return r.seats[id], nil
		},
	})
	if err != nil {
		return m, err
	}
	if err := g.Start(); err != nil {
		return m, err
	}
	p, err := g.Producer()
	if err != nil {
		g.Stop()
		return m, errors.Join(err, g.Wait())
	}
	s := &sender{r: r, p: p, ordinals: make([]uint32, r.keys)}
	sent := make(chan error)
	go func() { sent <- s.run(ctx) }() // a goroutine whose thread is pinned, and ends with it
	err = <-sent
	if _, closing := p.Close(); closing != nil {
		err = errors.Join(err, closing)
	}
	if err != nil {
		g.Stop()
		return m, errors.Join(err, g.Wait())
	}
	undone, err := g.Drain(ctx)
	if err != nil {
		return m, err
	}
	if len(undone) > 0 {
		return m, fmt.Errorf("%d items were left undone", len(undone))
	}
	return r.measured(s), nil
}

// sender is the producer: it sends each item when it is due, and holds what is refused, in order, as the simulation's
// do.
type sender struct {
	r        *liveRun
	p        *group.Producer[item]
	ordinals []uint32
	held     []arrival
	refused  int
	sent     int
	late     []time.Duration
}

// Waits of the sender: it sleeps while there is time, and looks again and again close to a deadline or while it holds
// items.
const (
	nap  = 500 * time.Microsecond
	doze = 20 * time.Microsecond
)

func (s *sender) run(ctx context.Context) error {
	runtime.LockOSThread() // and end with it
	if cpus, err := place.Choose(1); err == nil {
		_, _ = place.Pin(place.Set(cpus)) // where threads cannot be pinned, it goes unpinned
	}
	s.r.began = time.Now()
	for _, a := range s.r.items {
		if err := s.wait(ctx, a.due); err != nil {
			return err
		}
		if len(s.held) == 0 {
			ok, err := s.send(a)
			if err != nil {
				return err
			}
			if ok {
				s.late = append(s.late, s.r.now()-a.due)
				continue
			}
		}
		s.refused++
		s.held = append(s.held, a)
	}
	for len(s.held) > 0 {
		if err := s.wait(ctx, s.r.now()+doze); err != nil {
			return err
		}
	}
	return nil
}

// wait waits until a moment and sends what is held as soon as the policy lets it.
func (s *sender) wait(ctx context.Context, until time.Duration) error {
	for {
		for len(s.held) > 0 {
			ok, err := s.send(s.held[0])
			if err != nil {
				return err
			}
			if !ok {
				break
			}
			s.held = s.held[1:]
		}
		left := until - s.r.now()
		if left <= 0 {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		switch {
		case len(s.held) > 0 && left > doze:
			time.Sleep(doze)
		case left > nap:
			time.Sleep(left - nap)
		}
	}
}

func (s *sender) send(a arrival) (ok bool, err error) {
	it := item{due: a.due, sent: s.r.now(), work: a.work, rank: a.rank, ordinal: s.ordinals[a.rank]}
	switch err := s.p.SendKey(a.key, it); {
	case errors.Is(err, group.ErrFull):
		return false, nil
	case err != nil:
		return false, err
	}
	s.ordinals[a.rank]++
	s.sent++
	return true, nil
}

// measured sums up what the workers have seen. The first tenth of the items, while queues fill, counts like the rest.
func (r *liveRun) measured(s *sender) (m measured) {
	unit := float64(r.unit)
	var all []time.Duration
	var most, sum time.Duration
	for _, seat := range r.seats {
		all = append(all, seat.took...)
		most = max(most, seat.given)
		sum += seat.given
	}
	slices.Sort(all)
	slices.Sort(s.late)
	m.Sent, m.Served, m.Reordered = s.sent, len(all), int(r.early.Load())
	m.Refused = float64(s.refused) / float64(max(len(r.items), 1))
	m.P50, m.P99 = float64(rankOf(all, 0.5))/unit, float64(rankOf(all, 0.99))/unit
	m.Late = float64(rankOf(s.late, 0.99)) / unit
	for _, d := range all {
		m.Mean += float64(d) / unit / float64(len(all))
	}
	if sum > 0 {
		m.Imbalance = float64(most) / float64(sum) * float64(r.workers)
	}
	return m
}

// rankOf returns a percentile of sorted values, 0 if there are none.
func rankOf(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}
