package main

import (
	"hash/fnv"
	"slices"
	"sync/atomic"

	"github.com/pushcore/pushcore/balance"
)

// maglevSize is the number of places of a table: a prime well above a hundred times the number
// of upstreams that one has, so that their shares differ by about one in a hundred.
const maglevSize = 65537

// maglev picks by consistent hashing as in section 3.4 of Eisenbud et al., "Maglev: A Fast and
// Reliable Software Network Load Balancer", NSDI 2016: a table in which each upstream has an
// equal share of the places, and in which few places change hands when one comes or goes.
type maglev struct {
	shared *maglevShared
	table  *maglevTable
}

// maglevShared is what the balancers of one policy have in common.
type maglevShared struct {
	names []string
	size  uint64
	last  atomic.Pointer[maglevTable] // so that only one of them builds each table
}

// maglevTable is for one set of open upstreams. It is never changed.
type maglevTable struct {
	open   []int
	places []int32 // who has each place
}

// newMaglev returns a policy for upstreams with these names. An upstream's places depend on its
// name, so that they stay when the list is reordered.
func newMaglev(names []string) balance.Policy { return newMaglevOf(maglevSize, names) }

// newMaglevOf is newMaglev with a size, which must be prime.
func newMaglevOf(size uint64, names []string) balance.Policy {
	shared := &maglevShared{names: names, size: size}
	return func(v *balance.View) (balance.Balancer, error) {
		b := &maglev{shared: shared}
		if err := b.Update(v); err != nil {
			return nil, err
		}
		return b, nil
	}
}

func (b *maglev) Pick(key uint64, _ *balance.View) int {
	return int(b.table.places[balance.Mix(key)%uint64(len(b.table.places))])
}

func (b *maglev) Update(v *balance.View) error {
	open := v.AppendOpen(nil)
	if len(open) == 0 {
		b.table = &maglevTable{places: []int32{balance.Full}}
		return balance.ErrNoWorker
	}
	if t := b.shared.last.Load(); t != nil && slices.Equal(t.open, open) {
		b.table = t
		return nil
	}
	b.table = &maglevTable{open: open, places: b.shared.places(open)}
	b.shared.last.Store(b.table)
	return nil
}

// places fills a table: the upstreams take turns, and each takes the next free place of its own
// permutation of all places.
func (s *maglevShared) places(open []int) []int32 {
	type walk struct{ at, skip uint64 } // the skip is prime to the size: it comes to every place
	walks := make([]walk, len(open))
	for k, i := range open {
		h := nameHash(s.names[i])
		walks[k] = walk{balance.Mix(h) % s.size, balance.Mix(^h)%(s.size-1) + 1}
	}
	places := make([]int32, s.size)
	for i := range places {
		places[i] = balance.Full
	}
	for taken := 0; ; {
		for k := range walks {
			w := &walks[k]
			for places[w.at] != balance.Full {
				w.at = (w.at + w.skip) % s.size
			}
			places[w.at] = int32(open[k])
			if taken++; taken == len(places) {
				return places
			}
		}
	}
}

func nameHash(name string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	return h.Sum64()
}

func (b *maglev) Ordered() bool { return true }

// Reads implements balance.Frugal: nothing but who is open matters.
func (b *maglev) Reads() balance.Reads { return 0 }

// balances are the names of the policies.
var balances = []string{"round-robin", "least-connections", "maglev"}

func newPolicy(name string, upstreams []string) balance.Policy {
	switch name {
	case "least-connections":
		return balance.LeastLoaded()
	case "maglev":
		return newMaglev(upstreams)
	}
	return balance.RoundRobin()
}
