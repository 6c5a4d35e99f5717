package mem

// CacheLine is how far apart two fields must be for two cores to write them
// without disturbing each other, in bytes.
//
// Lines are 64 bytes on amd64 and on most arm64 cores. 128 is kept because
// Intel's spatial prefetcher fetches lines in pairs and because Apple's arm64
// and some server cores have 128-byte lines. BenchmarkFalseSharing measures the
// distance; on the Zen 5 virtual machine that the figures in docs/ come from, 64 and 128 are
// equal, so the wider constant costs only bytes.
const CacheLine = 128

// Pad separates two groups of fields. Go gives no alignment promise beyond the
// size class of an allocation, so a group is padded on both sides.
type Pad [CacheLine]byte
