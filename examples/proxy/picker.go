package main

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/pushcore/pushcore/balance"
)

// balances are the names of the policies.
var balances = []string{"round-robin", "least-connections", "maglev"}

// maglevSize is the number of places of a table: a prime well above a hundred times the number
// of upstreams that one has, so that their shares differ by about one in a hundred.
const maglevSize = 65537

func newPolicy(name string, upstreams []string) balance.Policy {
	switch name {
	case "least-connections":
		return balance.LeastLoaded()
	case "maglev":
		return balance.Maglev(maglevSize, upstreams...)
	}
	return balance.RoundRobin()
}

// picker is how one worker picks upstreams. It has a balancer and a View of its own, and
// brings them up to date when the monitor has published another roster.
type picker struct {
	roster *roster
	view   *balance.View
	bal    balance.Balancer // nil: no upstream is usable
	blind  bool             // bal does not look at depths
}

// update makes r the roster to pick from.
func (p *picker) update(r *roster) {
	if r == p.roster {
		return
	}
	same := p.roster != nil && p.roster.list == r.list
	p.roster = r
	if p.bal == nil || !same {
		p.view = r.view()
		bal, err := r.policy(p.view)
		if err != nil { // balance.ErrNoWorker: there is nothing else that could be wrong with a View
			bal = nil
		}
		p.bal = bal
		p.blind = bal != nil && balance.ReadsOf(bal) == 0
		return
	}
	for i, ok := range r.usable {
		p.view.SetOpen(i, ok)
	}
	if p.bal.Update(p.view) != nil {
		p.bal = nil
	}
}

// pick returns an upstream for a connection, or nil if there is none but those that were tried.
func (p *picker) pick(key uint64, tried []*upstream) *upstream {
	if p.bal == nil {
		return nil
	}
	if !p.blind {
		for i, u := range p.roster.all {
			n := uint64(max(u.open.sum(), 0))
			p.view.Sent[i], p.view.Depth[i] = n, n
		}
	}
	i := p.bal.Pick(key, p.view)
	if i == balance.Full {
		return nil
	}
	for range p.roster.all { // the next one, so that keys of one upstream go on together
		if u := p.roster.all[i]; p.roster.usable[i] && !slices.Contains(tried, u) {
			return u
		}
		if i++; i == len(p.roster.all) {
			i = 0
		}
	}
	return nil
}

// keyOf is the key of a source: its address, not its port.
func keyOf(a netip.Addr) uint64 {
	b := a.Unmap().As16()
	return balance.Mix(binary.LittleEndian.Uint64(b[:8]) ^ balance.Mix(binary.LittleEndian.Uint64(b[8:])))
}
