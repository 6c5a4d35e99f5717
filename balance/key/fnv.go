package key

// FNV1a32 returns the 32-bit FNV-1a hash of data (Fowler, Noll and Vo; RFC 9923). Its low bits are better than its high
// ones: use it as a key, and let the balancer mix it.
func FNV1a32(data []byte) uint32 {
	h := uint32(2166136261)
	for _, b := range data {
		h = (h ^ uint32(b)) * 16777619
	}
	return h
}
