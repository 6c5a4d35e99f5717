package balance

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// A Move says that a bucket should go from one worker to another.
type Move struct{ Bucket, From, To int }

// RebalancerConfig says when a Rebalancer acts, and how much at a time. The zero value is usable.
type RebalancerConfig struct {
	// Threshold is the imbalance that is left alone: a worker may have up to 1 + Threshold times its share of the load.
	// Default: 0.1. It must be above the noise, which for a share of x picks per round is about 1/sqrt(x).
	Threshold float64

	// MaxMoves is how many buckets are moved in one round, at most. Default: 8.
	MaxMoves int

	// Every is the least time between two rounds, by View.Now; a Plan before that is empty. Default: each Plan is a
	// round.
	Every time.Duration
}

// A Rebalancer finds assignments for the buckets of an Indirection that even out the load, as in Barbette et al.,
// "RSS++: load and state-aware receive side scaling", CoNEXT 2019: few buckets at a time, from the workers with the
// most to those with the least. It is for one goroutine at a time, off the hot path: a timer calls Plan and then Apply.
//
// The load of a bucket is its number of picks since the round before. Producers move a bucket when it is idle (see
// [RSS]), so a flow is never reordered. Where state must move with a bucket, hand it over between Plan and Apply, while
// nothing is sent.
type Rebalancer struct {
	table *Indirection
	cfg   RebalancerConfig
	place placement
	picks []uint64 // of the table, at the last round
	begun bool     // there was a round
	last  int64    // View.Now of the last one
}

// NewRebalancer returns a Rebalancer for a table. What was picked before is not counted. It returns an error if the
// table is nil, or if the config has a negative value or one that is not finite.
func NewRebalancer(table *Indirection, cfg RebalancerConfig) (*Rebalancer, error) {
	if table == nil || len(table.workers) == 0 {
		return nil, errors.New("balance: a rebalancer without an indirection table (want one from NewIndirection)")
	}
	if !(cfg.Threshold >= 0) || math.IsInf(cfg.Threshold, 1) {
		return nil, fmt.Errorf("balance: rebalancer threshold %v (want a finite number above 0, or 0 for 0.1)", cfg.Threshold)
	}
	if cfg.MaxMoves < 0 {
		return nil, fmt.Errorf("balance: rebalancer with at most %d moves (want at least 1, or 0 for 8)", cfg.MaxMoves)
	}
	if cfg.Every < 0 {
		return nil, fmt.Errorf("balance: rebalancer with rounds every %v (want a positive time, or 0)", cfg.Every)
	}
	if cfg.Threshold == 0 {
		cfg.Threshold = 0.1
	}
	if cfg.MaxMoves == 0 {
		cfg.MaxMoves = 8
	}
	r := &Rebalancer{table: table, cfg: cfg, picks: make([]uint64, table.Size())}
	r.loads()
	return r, nil
}

// Plan looks at what was picked since the last round and returns the moves that would have evened it out, or none if
// every worker had its share to within the threshold, or if it is too early. It reads who is open, Weight and Now of v,
// which should be what the producers see. No worker that is closed or has weight 0 gets a bucket. It returns an error
// if there is no other. Nothing changes before Apply.
func (r *Rebalancer) Plan(v *View) ([]Move, error) {
	candidates, err := identities{}.candidates(nil, v)
	if err != nil {
		return nil, err
	}
	if r.begun && v.Now-r.last < int64(r.cfg.Every) {
		return nil, nil
	}
	if err := r.place.update(v); err != nil {
		return nil, err
	}
	r.begun, r.last = true, v.Now
	return newRound(r.loads(), v, r).moves(candidates, r.cfg), nil
}

// Apply assigns the buckets of a plan, in order. It ends with an error at a move that is not possible; those before it
// were made. Plans of Plan have none.
func (r *Rebalancer) Apply(plan []Move) error {
	for _, m := range plan {
		if err := r.table.Assign(m.Bucket, m.To); err != nil {
			return err
		}
	}
	return nil
}

// loads returns the picks of each bucket since the last call.
func (r *Rebalancer) loads() []uint64 {
	since := make([]uint64, len(r.picks))
	for i := range since {
		now := r.table.Picks(i)
		since[i], r.picks[i] = now-r.picks[i], now
	}
	return since
}

// round is a plan in the making.
type round struct {
	bucket []uint64  // loads of buckets
	owner  []int     // who serves each bucket, after the moves made so far
	moved  []bool    // in this round: each bucket moves once
	load   []uint64  // of workers
	weight []float64 // of workers
	stuck  []bool    // workers with nothing to move that would help
}

func newRound(buckets []uint64, v *View, r *Rebalancer) *round {
	n := v.N()
	p := &round{
		bucket: buckets,
		owner:  make([]int, len(buckets)),
		moved:  make([]bool, len(buckets)),
		load:   make([]uint64, n),
		weight: make([]float64, n),
		stuck:  make([]bool, n),
	}
	for i, load := range buckets {
		p.owner[i] = int(r.place.bucket(i, int32(r.table.Assigned(i))))
		p.load[p.owner[i]] += load
	}
	for i := range n {
		p.weight[i] = float64(v.Weight[i])
	}
	return p
}

// moves takes from whoever has the most for its weight, and gives to whoever has the least, until nobody has too much.
func (p *round) moves(candidates []candidate, cfg RebalancerConfig) (plan []Move) {
	total, weights := 0.0, 0.0
	for _, l := range p.load {
		total += float64(l)
	}
	for _, m := range candidates {
		weights += float64(m.weight)
	}
	limit := (1 + cfg.Threshold) * total / weights
	for len(plan) < cfg.MaxMoves {
		from, to := -1, candidates[0].worker
		for w, load := range p.load {
			if load > 0 && !p.stuck[w] && (from < 0 || p.relative(w, 0) > p.relative(from, 0)) {
				from = w
			}
		}
		for _, m := range candidates {
			if p.relative(m.worker, 0) < p.relative(to, 0) {
				to = m.worker
			}
		}
		if from < 0 || p.relative(from, 0) <= limit {
			return plan
		}
		i := p.choose(from, to)
		if i < 0 {
			p.stuck[from] = true
			continue
		}
		plan = append(plan, Move{i, from, to})
		p.owner[i], p.moved[i] = to, true
		p.load[from] -= p.bucket[i]
		p.load[to] += p.bucket[i]
	}
	return plan
}

// relative is the load of worker w for its weight, with more added to it.
func (p *round) relative(w int, more float64) float64 {
	return (float64(p.load[w]) + more) / p.weight[w] // infinite for weight 0: all of it is too much
}

// minGain is what a move must gain of what it moves. A bucket that has most of its worker's load only changes who has
// too much: it would wander from round to round, and its flows would wait each time.
const minGain = 0.25

// choose returns the bucket whose move leaves the least for whichever of the two has more then, or -1 if none is worth
// it.
func (p *round) choose(from, to int) int {
	best, least := -1, p.relative(from, 0)
	for i, load := range p.bucket {
		if p.owner[i] != from || p.moved[i] || load == 0 {
			continue
		}
		l := float64(load)
		after := p.relative(to, l)
		if p.weight[from] > 0 {
			after = max(after, p.relative(from, -l))
			if (p.relative(from, 0)-after)*p.weight[from] < minGain*l {
				continue
			}
		}
		if after < least {
			best, least = i, after
		}
	}
	return best
}
