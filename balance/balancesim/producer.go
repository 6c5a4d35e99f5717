package balancesim

import (
	"fmt"

	"github.com/pushcore/pushcore/balance"
)

// producer is a sender: a Balancer, what it knows of the workers, and the items that it could not send yet.
type producer struct {
	s    *sim
	bal  balance.Balancer
	view *balance.View
	done []uint64 // of its items, by worker; a fresh View shows it as Taken
	held queue

	fresh  bool // the View shows the workers as they are: its slices are those of the simulation
	age    int  // picks since the last look, the present one included
	looked float64
}

func newProducer(s *sim) (*producer, error) {
	c := &s.cfg
	p := &producer{s: s, view: balance.NewView(c.Workers), done: make([]uint64, c.Workers), fresh: c.RefreshEvery == 1}
	for i := range p.view.Cap {
		p.view.Cap[i] = uint64(c.Cap)
	}
	copy(p.view.Weight, c.Weight)
	if p.fresh {
		p.view.Depth, p.view.Taken = s.depth, p.done
	}
	var err error
	if p.bal, err = c.Policy(p.view); err != nil {
		return nil, fmt.Errorf("balancesim: Config.Policy: %w", err)
	}
	if p.bal == nil {
		return nil, fmt.Errorf("balancesim: Config.Policy returned neither a balancer nor an error")
	}
	return p, nil
}

// send sends the item to the worker that the balancer picks. It reports false if the item was refused.
func (p *producer) send(i int32) (sent bool, err error) {
	p.look()
	it := &p.s.slab.items[i]
	w := p.bal.Pick(it.key, p.view)
	if w == balance.Full && p.age > 1 { // on an old View
		p.refresh()
		p.age++
		w = p.bal.Pick(it.key, p.view)
	}
	switch {
	case w == balance.Full:
		return false, nil
	case !p.view.IsOpen(w):
		return false, fmt.Errorf("balancesim: the balancer %T picked worker %d of %d", p.bal, w, p.s.cfg.Workers)
	case p.s.cfg.Cap > 0 && p.view.Sent[w]-p.done[w] >= uint64(p.s.cfg.Cap):
		return false, nil
	}
	p.view.Sent[w]++
	if !p.fresh {
		p.view.Depth[w]++
	}
	p.s.accept(i, w)
	return true, nil
}

// look brings the View up to date if it is too old, and counts the pick that follows.
func (p *producer) look() {
	c := &p.s.cfg
	switch {
	case p.fresh:
		p.view.Now = p.s.clock()
		return
	case c.RefreshEvery > 0 && p.age >= c.RefreshEvery, c.RefreshAfter > 0 && p.s.now-p.looked >= c.RefreshAfter:
		p.refresh()
	}
	p.age++
}

func (p *producer) refresh() {
	copy(p.view.Depth, p.s.depth)
	copy(p.view.Taken, p.done)
	p.view.Now = p.s.clock()
	p.age, p.looked = 0, p.s.now
}
