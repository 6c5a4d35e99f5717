//go:build amd64 && gc && !race && !portable

package mem

import "unsafe"

var _ = [1]struct{}{}[unsafe.Sizeof(Index{})-8]

// A plain store. The processor makes stores visible in program order (x86-TSO),
// so it is a release store there; sync/atomic's Store would be an XCHG, which
// waits until the lines written before it have arrived. The compiler keeps the
// order, too: Go's memory model lets it neither tear nor invent a store of a
// word, and gc moves no load and no store across a store, because each takes the
// state of memory that the one before it left. What it may do is drop a store
// that the same goroutine overwrites with nothing but stores in between.
func storeRelease(x *Index, v uint64) { *(*uint64)(unsafe.Pointer(x)) = v }

// Not inlined: the call keeps a store before it from being dropped for one to the
// same word behind it, the two of a sequence lock.
//
//go:noinline
func storeReleaseAll(dst []Index, src []uint64) {
	for i, v := range src {
		storeRelease(&dst[i], v)
	}
}
