//go:build !amd64 || !gc || race || portable

package mem

// Index.StoreRelease is sync/atomic's Store here and Index.Load its Load, which
// are sequentially consistent: a load that follows the store sees the other
// side's store, or the other side sees ours. (On arm64: STLR, then LDAR.)
const releaseIsWeak = false
