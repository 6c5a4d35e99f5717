//go:build amd64 && !race && !portable

package mem

import "unsafe"

// The assembly below writes through an *Index as through a *uint64.
var _ = [1]struct{}{}[unsafe.Sizeof(Index{})-8]

// storeRelease is a MOV. Under x86-TSO stores become visible in program order,
// which makes every plain store a release store; the call keeps the compiler
// from moving anything across it. sync/atomic's Store would be an XCHG, which
// waits until the lines written before it have arrived.
//
//go:noescape
func storeRelease(x *Index, v uint64)

//go:noescape
func storeReleaseAll(dst []Index, src []uint64)
