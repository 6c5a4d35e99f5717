//go:build !amd64 || !gc || race || portable

package mem

// sync/atomic's Store is sequentially consistent, hence a release; on arm64 it
// is one STLR. Race builds use it so that the race detector sees the order that
// the rings rely on.
func storeRelease(x *Index, v uint64) { x.v.Store(v) }

func storeReleaseAll(dst []Index, src []uint64) {
	for i, v := range src {
		dst[i].v.Store(v)
	}
}
