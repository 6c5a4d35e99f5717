package balance

import (
	"fmt"
	"math/bits"
)

// maxBuckets bounds what a table of a policy may take: 256 MB at 16 bytes per bucket.
const maxBuckets = 1 << 24

// buckets are what a policy remembers of keys: one E for all keys of a bucket, so that memory is bounded however many
// keys there are. Keys that share a bucket share what is remembered.
//
// The bucket is the high bits of the hash by which KeyHash picks: keys of one bucket then have, but for few, one worker
// under KeyHash, too, and sharing costs little.
type buckets[E any] struct {
	table []E // 1 << (64 - shift) of them
	shift uint
}

// newBuckets returns n buckets, or an error in the name of the policy.
func newBuckets[E any](policy string, n int) (buckets[E], error) {
	if n < 1 || n > maxBuckets || n&(n-1) != 0 {
		return buckets[E]{}, fmt.Errorf("balance: %s with %d buckets (want a power of two from 1 to %d)", policy, n, maxBuckets)
	}
	return buckets[E]{make([]E, n), uint(64 - bits.TrailingZeros(uint(n)))}, nil
}

// of returns the bucket of key.
func (b *buckets[E]) of(key uint64) *E { return &b.table[b.index(key)] }

// index returns the number of the bucket of key.
func (b *buckets[E]) index(key uint64) uint64 { return Mix(key^workerLevel) >> b.shift }
