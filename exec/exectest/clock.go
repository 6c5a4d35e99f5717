package exectest

import (
	"fmt"
	"math"
	"time"
)

// Clock is a clock that stands still until it is advanced. Its Now is made for
// Config.Clock. The zero value shows 0. It is for one goroutine.
type Clock struct{ now time.Duration }

// Now returns the time since the clock was made.
func (c *Clock) Now() time.Duration { return c.now }

// Advance lets d pass. It panics if d is negative: a clock never goes back. Beyond the
// end of time (292 years) the clock stays there.
func (c *Clock) Advance(d time.Duration) {
	if d < 0 {
		panic(fmt.Sprintf("exectest: Clock.Advance of %v: a clock does not go back", d))
	}
	c.now += min(d, math.MaxInt64-c.now)
}
