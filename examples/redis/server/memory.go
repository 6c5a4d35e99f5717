package server

import (
	"fmt"
	"runtime/metrics"
)

// heapBytes returns what is in use, and what the runtime has of the system.
func heapBytes() (heap, total uint64) {
	samples := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/total:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64(), samples[1].Value.Uint64()
}

// human is a number of bytes as people write it.
func human(n uint64) string {
	if n < 1<<10 {
		return fmt.Sprintf("%dB", n)
	}
	f, unit := float64(n)/(1<<10), 0
	for ; f >= 1<<10 && unit < 3; unit++ {
		f /= 1 << 10
	}
	return fmt.Sprintf("%.2f%c", f, "KMGT"[unit])
}
