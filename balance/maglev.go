package balance

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
	"sync/atomic"
)

// maxMaglev bounds the memory of a table, and the time it takes to fill it.
const maxMaglev = 1 << 24

// maglev looks keys up in a table of places. One of narrow and wide has them, if anyone is open: each has the index of
// the worker whose place it is, in as few bits as will do, since a table that stays in the cache is the point.
type maglev struct {
	narrow []uint8
	wide   []uint16

	size       int
	ids        identities
	candidates []candidate
	last       *atomic.Pointer[maglevTable] // the policy's: what was built last
}

// maglevTable is the table for one set of candidates. It is never changed, so that every balancer of the policy may use
// it.
type maglevTable struct {
	candidates []candidate
	narrow     []uint8
	wide       []uint16
}

// Maglev returns a policy that looks each key up in a table of size places, of which every worker has its share:
// consistent hashing as in section 3.4 of Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load
// Balancer", NSDI 2016. It is Ordered. It honours weights, and ignores depths.
//
// A pick is three multiplications and a load, however many workers there are. Workers of equal weight have equal
// numbers of places, to within one; one of half the weight has half as many, but at least one. When a worker comes or
// goes, the keys that it gets or had move, and a few others: up to four in a hundred if size is 100 times the number of
// workers, up to one if it is 1000 times that.
//
// size must be a prime number and at least the number of workers; 100 times as many is usual: 4099 and 65537 are good
// ones. A place takes one byte with up to 256 workers, and two with more. Update fills a table, in about size *
// ln(size) steps; the balancers of a policy share the one that was built last, so that what all producers see is
// computed once (two that look at the same moment may both compute it).
//
// names are as for Rendezvous. The policy returns an error if size is not prime, too low, or above 2^24, and
// Rendezvous's.
func Maglev(size int, names ...string) Policy {
	last := new(atomic.Pointer[maglevTable])
	return func(v *View) (Balancer, error) {
		if size > maxMaglev {
			return nil, fmt.Errorf("balance: a Maglev table of %d places is too large (want a prime number of at most %d)", size, maxMaglev)
		}
		if next := nextPrime(size); next != size {
			return nil, fmt.Errorf("balance: the size of a Maglev table must be a prime number, which %d is not (the next one is %d)", size, next)
		}
		ids, err := newIdentities(names)
		if err != nil {
			return nil, err
		}
		b := &maglev{size: size, ids: ids, last: last}
		if err := b.Update(v); err != nil {
			return nil, err
		}
		return b, nil
	}
}

func (b *maglev) Pick(key uint64, _ *View) int {
	hash := Mix(key ^ workerLevel)
	if len(b.narrow) > 0 {
		place, _ := bits.Mul64(hash, uint64(len(b.narrow)))
		return int(b.narrow[place])
	}
	if len(b.wide) > 0 {
		place, _ := bits.Mul64(hash, uint64(len(b.wide)))
		return int(b.wide[place])
	}
	return Full
}

func (b *maglev) Update(v *View) (err error) {
	b.narrow, b.wide = nil, nil
	if b.candidates, err = b.ids.candidates(b.candidates, v); err != nil {
		return err
	}
	if len(b.candidates) > b.size {
		return fmt.Errorf("balance: a Maglev table of %d places is too small for %d workers (want a prime of at least as many; %d would be 100 for each)",
			b.size, len(b.candidates), nextPrime(100*len(b.candidates)))
	}
	t := b.last.Load()
	if t == nil || !slices.Equal(t.candidates, b.candidates) {
		t = newMaglevTable(b.size, b.candidates)
		b.last.Store(t)
	}
	b.narrow, b.wide = t.narrow, t.wide
	return nil
}

func (b *maglev) Ordered() bool { return true }

// Reads implements [Frugal]: nothing but who is open, and the weights, matters.
func (b *maglev) Reads() Reads { return 0 }

func newMaglevTable(size int, candidates []candidate) *maglevTable {
	// Turns go by identity, so that the order of the list does not matter.
	turns := slices.SortedFunc(slices.Values(candidates), func(a, b candidate) int { return cmp.Compare(a.id, b.id) })
	walks := make([]maglevWalk, len(turns))
	for k, m := range turns {
		walks[k] = maglevWalk{
			at:     int(Mix(m.id) % uint64(size)),
			skip:   int(Mix(^m.id)%uint64(size-1)) + 1,
			weight: m.weight,
		}
	}
	t := &maglevTable{candidates: slices.Clone(candidates)}
	places := fillMaglev(size, walks)
	if last := candidates[len(candidates)-1].worker; last < 1<<8 {
		t.narrow = make([]uint8, size)
		for p, k := range places {
			t.narrow[p] = uint8(turns[k].worker)
		}
	} else {
		t.wide = make([]uint16, size)
		for p, k := range places {
			t.wide[p] = uint16(turns[k].worker)
		}
	}
	return t
}

// maglevWalk goes through a permutation of all places: since the size is prime, steps of any skip below it come to
// every one.
type maglevWalk struct {
	at, skip int
	weight   uint32
	due      uint64 // takes its next turn in the round whose number times its weight is at least this
}

// step goes on to the next place of the permutation.
func (w *maglevWalk) step(size int) {
	if w.at += w.skip; w.at >= size {
		w.at -= size
	}
}

// fillMaglev lets walks take turns at taking the next free place on their way, and returns whose each place is. The
// heaviest takes a turn in each round, the others in proportion, and all take one in the first round.
func fillMaglev(size int, walks []maglevWalk) []int32 {
	const free = -1
	places := slices.Repeat([]int32{free}, size)
	heaviest := uint64(0)
	for _, w := range walks {
		heaviest = max(heaviest, uint64(w.weight))
	}
	left := size
	for round := uint64(0); ; round++ {
		for k := range walks {
			w := &walks[k]
			if round*uint64(w.weight) < w.due {
				continue
			}
			w.due += heaviest
			for places[w.at] != free {
				w.step(size)
			}
			places[w.at] = int32(k)
			if left--; left == 0 {
				return places
			}
		}
	}
}

// nextPrime returns the lowest prime number from n on.
func nextPrime(n int) int {
	for n = max(n, 2); ; n++ {
		prime := true
		for d := 2; d*d <= n && prime; d++ {
			prime = n%d != 0
		}
		if prime {
			return n
		}
	}
}
