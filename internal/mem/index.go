package mem

import "sync/atomic"

// Index is a 64-bit word with one writer at a time and any number of readers:
// a ring's position, a counter, a flag. The zero Index holds 0.
//
// It is a struct, not a raw pointer to a word, so that it is 8-byte aligned on
// 32-bit machines, too.
type Index struct{ v atomic.Uint64 }

// Load returns the value. It is an acquire load: what the storing thread wrote
// before its StoreRelease is visible afterwards.
func (x *Index) Load() uint64 { return x.v.Load() }

// StoreRelease publishes v. It is only ever a release (see the package comment).
func (x *Index) StoreRelease(v uint64) { storeRelease(x, v) }

// CompareAndSwap replaces old by v and reports whether it did. It is a full
// fence on every architecture that Go supports.
func (x *Index) CompareAndSwap(old, v uint64) bool { return x.v.CompareAndSwap(old, v) }

// StoreReleaseAll stores src[i] into dst[i] for every i, in that order, each as
// StoreRelease does. It panics when dst is shorter than src.
func StoreReleaseAll(dst []Index, src []uint64) {
	if len(src) == 0 {
		return
	}
	_ = &dst[len(src)-1]
	storeReleaseAll(dst, src)
}
