package balancesim

import (
	"math/rand/v2"

	"github.com/pushcore/pushcore/balance"
)

// sim is one run.
type sim struct {
	cfg       Config
	rng       *rand.Rand // used by arrivals only, so that the policy does not change what comes
	salt      uint64     // makes keys of ranks
	now       float64
	slab      slab
	workers   []queue // the first of each is in service
	depth     []uint64
	leaving   departures
	producers []*producer
	holding   int // producers that hold items
	turn      int // the one that goes first at the next chance
	order     order
	tally     *tally
}

// Run simulates. The same Config gives the same Result. It returns an error if the Config makes no sense, if the Policy
// cannot serve so many workers, or if a balancer picks a worker that does not exist.
func Run(cfg Config) (Result, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return Result{}, err
	}
	all := make([]*tally, cfg.Runs)
	for k := range all {
		if all[k], err = run(cfg, uint64(k)); err != nil {
			return Result{}, err
		}
	}
	return results(cfg, all), nil
}

func run(cfg Config, number uint64) (*tally, error) {
	s := &sim{
		cfg:     cfg,
		rng:     rand.New(rand.NewPCG(cfg.Seed, number)),
		salt:    balance.Mix(balance.Mix(cfg.Seed+1) + number),
		slab:    slab{free: none},
		workers: make([]queue, cfg.Workers),
		depth:   make([]uint64, cfg.Workers),
		order:   newOrder(cfg.Keys.N * cfg.Producers),
		tally:   newTally(cfg),
	}
	for range cfg.Producers {
		p, err := newProducer(s)
		if err != nil {
			return nil, err
		}
		s.producers = append(s.producers, p)
	}
	return s.tally, s.run()
}

// run lets the items come, and then finishes them: in FCFS queues the last ones do not miss those that would have come
// after them.
func (s *sim) run() error {
	last := int64(s.cfg.WarmUp) + int64(s.cfg.Items)
	for seq := int64(0); seq < last; seq++ {
		next := s.now + s.cfg.Gaps.Draw(s.rng)
		if err := s.serve(next); err != nil {
			return err
		}
		s.now = next
		if err := s.arrive(seq); err != nil {
			return err
		}
	}
	if err := s.serve(forever); err != nil {
		return err
	}
	for _, p := range s.producers {
		s.tally.unsent += p.held.len
	}
	return nil
}

// serve goes through the departures up to a time.
func (s *sim) serve(until float64) error {
	for len(s.leaving) > 0 && s.leaving[0].at <= until {
		s.depart()
		if s.holding > 0 {
			if err := s.sendHeld(); err != nil {
				return err
			}
		}
	}
	return nil
}

// arrive draws an item and brings it to its producer.
func (s *sim) arrive(seq int64) error {
	i := s.slab.get()
	it := &s.slab.items[i]
	*it = item{at: s.now, seq: seq, work: s.cfg.Service.Draw(s.rng)}
	if n := len(s.producers); n > 1 {
		it.producer = int32(s.rng.IntN(n))
	}
	if n := s.cfg.Keys.N; n > 0 {
		rank := s.cfg.Keys.Draw(s.rng)
		if s.cfg.Keys.Key != nil {
			it.key = s.cfg.Keys.Key(rank)
		} else {
			it.key = balance.Mix(s.salt + uint64(rank))
		}
		it.slot = it.producer*int32(n) + int32(rank)
	}
	p := s.producers[it.producer]
	s.tally.arrived(it)
	s.order.came(it)
	sent := false
	if p.held.len == 0 {
		var err error
		if sent, err = p.send(i); err != nil || sent {
			return err
		}
	}
	s.tally.refused(it)
	if p.held.len >= s.cfg.Hold {
		s.tally.dropped++
		s.order.dropped(it)
		s.slab.put(i)
		return nil
	}
	if p.held.len == 0 {
		s.holding++
	}
	p.held.push(&s.slab, i)
	s.tally.maxHeld = max(s.tally.maxHeld, p.held.len)
	if len(s.leaving) == 0 { // no departure will bring another chance
		return s.sendHeld()
	}
	return nil
}

// accept puts an item that was sent into its worker's queue.
func (s *sim) accept(i int32, w int) {
	q := &s.workers[w]
	q.push(&s.slab, i)
	s.depth[w]++
	s.tally.sent(&s.slab.items[i], w, q.len)
	if q.len == 1 {
		s.leaving.push(s.begin(w))
	}
}

// begin starts the service of the first item in a worker's queue.
func (s *sim) begin(w int) departure {
	it := &s.slab.items[s.workers[w].head]
	it.start = s.now
	s.order.began(it, s.tally)
	return departure{s.now + it.work/s.cfg.Speed[w], int32(w)}
}

// depart ends the service that ends next.
func (s *sim) depart() {
	d := s.leaving[0]
	s.now = d.at
	w := int(d.worker)
	i := s.workers[w].pop(&s.slab)
	it := &s.slab.items[i]
	s.depth[w]--
	s.producers[it.producer].done[w]++
	s.order.ended(it)
	s.tally.done(it, s.now)
	s.slab.put(i)
	if s.workers[w].len > 0 {
		s.leaving.replace(s.begin(w))
	} else {
		s.leaving.pop()
	}
}

// sendHeld lets the producers that hold items send them, each until it is refused. They take turns at going first.
func (s *sim) sendHeld() error {
	n := len(s.producers)
	s.turn = (s.turn + 1) % n
	for k := range n {
		p := s.producers[(s.turn+k)%n]
		for p.held.len > 0 {
			i := p.held.pop(&s.slab)
			sent, err := p.send(i)
			if err != nil {
				return err
			}
			if !sent {
				p.held.unpop(&s.slab, i)
				break
			}
			if p.held.len == 0 {
				s.holding--
			}
		}
	}
	return nil
}

// clock is the time for Views, in nanoseconds.
func (s *sim) clock() int64 { return int64(s.now * float64(s.cfg.Unit)) }
