// Package mem holds what the hardware needs and the language does not offer:
// a release store that is a plain MOV on amd64, a full fence, the pause
// instruction, a cycle counter, the cache-line pad and membarrier(2).
//
// It knows no type of the packages above it. Every operation has a portable
// fallback built on sync/atomic and package time; the build tag portable
// selects all of them, so that the suite runs on them on any machine.
//
// # Ordering
//
// [Index.StoreRelease] is a release store and nothing more: all that the
// calling thread wrote before it is visible to whoever loads the new value with
// [Index.Load]. A load that follows it in program order may be performed before
// the store is visible to other cores. Code that needs the store to come first
// (set a flag, then look at the other side's flag: Dekker) must put [Fence]
// between them when [NeedFence] says so, and the other side must call
// [Membarrier] between its own store and load.
package mem
