package mem

import (
	"sync"
	"time"
)

// Ticks reads the cycle counter: a cheap clock for durations on one machine.
// Its unit is converted by [TicksDuration]. It may differ by some nanoseconds
// between cores, and it drifts against the system clock by the error of its
// calibration (below 0.1 %), so deadlines are not kept with it.
func Ticks() int64 { return counter() }

// TicksDuration converts a difference of two Ticks. The first call calibrates
// the counter, which takes about two milliseconds.
func TicksDuration(t int64) time.Duration {
	return time.Duration(float64(t) * nanosPerTick())
}

var base = time.Now()

// nanotime is the monotonic clock in nanoseconds since the program began.
func nanotime() int64 { return int64(time.Since(base)) }

var nanosPerTick = sync.OnceValue(func() float64 {
	if !hasCounter {
		return 1
	}
	const window = int64(2 * time.Millisecond)
	c0, n0 := readBoth()
	for nanotime()-n0 < window {
		Pause()
	}
	c1, n1 := readBoth()
	return float64(n1-n0) / float64(c1-c0)
})

// readBoth reads both clocks as close together as a few tries allow.
func readBoth() (ticks, nanos int64) {
	best := int64(1) << 62
	for range 8 {
		n0 := nanotime()
		c := counter()
		n1 := nanotime()
		if n1-n0 < best {
			best, ticks, nanos = n1-n0, c, n0+(n1-n0)/2
		}
	}
	return ticks, nanos
}
