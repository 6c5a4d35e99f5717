package measure

import (
	"fmt"
	"sync/atomic"
)

// Check is the consumer's look at every value: 0, 1, 2, and so on, each once.
type Check struct{ Next, Sum, Wrong uint64 }

// Add notes one value.
func (c *Check) Add(v uint64) {
	if v != c.Next {
		c.Wrong++
	}
	c.Next++
	c.Sum += v
}

// Err says what was wrong if n values were to come.
func (c *Check) Err(n int) error {
	want := uint64(n) * uint64(n-1) / 2
	if c.Wrong != 0 || c.Next != uint64(n) || c.Sum != want {
		return fmt.Errorf("data error: %d of %d values out of order, sum %d instead of %d", c.Wrong, n, c.Sum, want)
	}
	return nil
}

// Tally is the check of a consumer that runs on somebody else's loop; only that touches it until it is done.
type Tally struct {
	Check
	N    int
	Done atomic.Bool
}

// See notes one value.
func (t *Tally) See(v uint64) {
	t.Add(v)
	if t.Next == uint64(t.N) {
		t.Done.Store(true)
	}
}

// Await waits until the tally is full, polling, and says whether all was right.
func (t *Tally) Await() error {
	for wait := (Poll{}); !t.Done.Load(); {
		wait.Took(0, 1)
	}
	return t.Err(t.N)
}
