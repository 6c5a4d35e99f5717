package balance

import (
	"fmt"
	"sync/atomic"
)

// maxIndirection bounds an indirection table: network cards have up to 2048 entries.
const maxIndirection = 1 << 16

// Indirection is the indirection table of receive side scaling: keys fall into buckets, and each bucket is assigned to
// a worker. The balancers of [RSS] policies read it, a [Rebalancer] or anyone else assigns. It also counts the picks of
// each bucket. All methods may be called by any goroutine at any time.
type Indirection struct {
	// Two arrays, so that counting does not take from the producers the lines that they all read.
	workers []atomic.Int32 // Full: not assigned
	picks   []atomic.Uint64
}

// NewIndirection returns a table of size buckets, none of them assigned. The size must be a power of two up to 65536.
// Network cards have 128 or 512 buckets; with 4 for each worker, the loads of workers differ by about 16 % for that
// reason alone, with more by less.
func NewIndirection(size int) (*Indirection, error) {
	if size < 1 || size > maxIndirection || size&(size-1) != 0 {
		return nil, fmt.Errorf("balance: an indirection table of %d buckets (want a power of two from 1 to %d, such as 128)", size, maxIndirection)
	}
	t := &Indirection{workers: make([]atomic.Int32, size), picks: make([]atomic.Uint64, size)}
	for i := range t.workers {
		t.workers[i].Store(Full)
	}
	return t, nil
}

// Size returns the number of buckets.
func (t *Indirection) Size() int { return len(t.workers) }

// Bucket returns the bucket of a key: its low bits, as a network card takes those of the hash.
func (t *Indirection) Bucket(key uint64) int { return int(key & uint64(len(t.workers)-1)) }

// Assigned returns the worker that a bucket is assigned to, or Full if that has not been done. It panics if there is no
// such bucket.
func (t *Indirection) Assigned(bucket int) int { return int(t.workers[t.check(bucket)].Load()) }

// Assign assigns a bucket to a worker, or undoes that if the worker is Full. Producers go over as RSS says. A worker
// that a producer does not have is to it one that is closed. It returns an error if there is no such bucket, or can be
// no such worker.
func (t *Indirection) Assign(bucket, worker int) error {
	if uint(bucket) >= uint(len(t.workers)) {
		return fmt.Errorf("balance: no bucket %d in an indirection table of %d", bucket, len(t.workers))
	}
	if worker < Full || worker >= maxWorkers {
		return fmt.Errorf("balance: bucket %d assigned to worker %d (want one from 0 to %d, or Full for none)", bucket, worker, maxWorkers-1)
	}
	t.workers[bucket].Store(int32(worker))
	return nil
}

// Picks returns how many picks of a bucket there were, by all producers: those that a full lane then refused included,
// answers of Full not. It lags by up to 64 for each producer. A group that moves states asks where the key of each
// belongs, and that counts, too. It panics if there is no such bucket.
func (t *Indirection) Picks(bucket int) uint64 { return t.picks[t.check(bucket)].Load() }

func (t *Indirection) check(bucket int) int {
	if uint(bucket) >= uint(len(t.workers)) {
		panic(fmt.Sprintf("balance: no bucket %d in an indirection table of %d", bucket, len(t.workers)))
	}
	return bucket
}
