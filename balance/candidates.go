package balance

import (
	"fmt"
	"slices"

	"github.com/pushcore/pushcore/balance/key"
)

// maxWorkers is how many workers the policies with identities serve: their numbers fit 16 bits, which keeps tables
// small.
const maxWorkers = 1 << 16

// identities tell workers apart wherever they stand in the list: what a key gets depends on them, not on indices.
type identities struct {
	named []uint64 // hashes of the names; nil: the index is the identity
}

func newIdentities(names []string) (identities, error) {
	if len(names) == 0 {
		return identities{}, nil
	}
	first := make(map[string]int, len(names))
	ids := make([]uint64, len(names))
	for i, name := range names {
		if was, twice := first[name]; twice {
			return identities{}, fmt.Errorf("balance: workers %d and %d have the same name %q (want a name for each)", was, i, name)
		}
		first[name] = i
		ids[i] = key.XXH64([]byte(name), workerLevel)
	}
	return identities{ids}, nil
}

// of returns the identity of worker i.
func (d identities) of(i int) uint64 {
	if d.named == nil {
		return Mix(uint64(i) ^ ^uint64(workerLevel))
	}
	return d.named[i]
}

// candidate is an open worker that may be given keys, and the share of them that it should have.
type candidate struct {
	worker int
	id     uint64
	weight uint32 // at least 1
}

// candidates refills dst with the open workers of positive weight, ascending. It returns none and an error if there are
// none, or if v has workers without a name.
func (d identities) candidates(dst []candidate, v *View) ([]candidate, error) {
	dst, err := d.equals(dst, v)
	if err != nil {
		return dst, err
	}
	open := len(dst)
	dst = slices.DeleteFunc(dst, func(m candidate) bool { return v.Weight[m.worker] == 0 })
	if len(dst) == 0 {
		return dst, fmt.Errorf("%w: each of the %d open workers has weight 0 (want one of at least 1)", ErrNoWorker, open)
	}
	for i := range dst {
		dst[i].weight = v.Weight[dst[i].worker]
	}
	return dst, nil
}

// equals is like candidates, for a policy that ignores weights: all open workers, each with weight 1.
func (d identities) equals(dst []candidate, v *View) ([]candidate, error) {
	dst = dst[:0]
	open, err := openList(nil, v)
	if err != nil {
		return dst, err
	}
	if v.N() > maxWorkers {
		return dst, fmt.Errorf("balance: %d workers are too many (want at most %d)", v.N(), maxWorkers)
	}
	if d.named != nil && len(d.named) < v.N() {
		return dst, fmt.Errorf("balance: %d names for %d workers (want a name for each)", len(d.named), v.N())
	}
	for _, i := range open {
		dst = append(dst, candidate{i, d.of(i), 1})
	}
	return dst, nil
}
