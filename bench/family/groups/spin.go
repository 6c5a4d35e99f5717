package groups

import (
	"fmt"
	"sync"
	"time"

	"github.com/pushcore/pushcore/internal/mem"
)

// spin is work that keeps a processor busy and touches no memory, in steps of a loop: a worker that loses its cpu
// meanwhile has as much left to do as before, which work measured by a clock would not.
type spin int

// stepsPerMicro is how many steps a microsecond has, found once: the quickest of some tries, because the others were
// disturbed.
var stepsPerMicro = sync.OnceValue(func() float64 {
	const steps = 1 << 15
	mem.TicksDuration(0) // calibrates the clock
	quickest := time.Hour
	for range 32 {
		start := mem.Ticks()
		spin(steps).do(1)
		quickest = min(quickest, mem.TicksDuration(mem.Ticks()-start))
	}
	return steps / (float64(max(quickest, 1)) / 1e3)
})

// spinOf is the work that takes so long.
func spinOf(d time.Duration) spin { return spin(d.Seconds() * 1e6 * stepsPerMicro()) }

// do does the work.
//
//go:noinline
func (n spin) do(seed uint64) {
	x := seed | 1
	for range n {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	if x == 0 { // keeps the loop from being left out
		panic(fmt.Sprintf("xorshift of %d reached zero", seed))
	}
}
