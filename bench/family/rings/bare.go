package rings

import (
	"fmt"

	"github.com/pushcore/pushcore/bench/internal/measure"

	"github.com/pushcore/pushcore/ring"
)

// This file holds what the ring's instructions take by themselves, on one core. In the other rows of one core most of
// the time goes to those who make the elements and look at them: a C compiler does that with vectors, and Go's does
// not.

// spscBare is our ring for one producer, with batches of which only the ends are made and looked at. All of a batch is
// copied, and one at a time all of it is looked at.
func spscBare(batch int) func(measure.Spot, int) (measure.Sample, error) {
	return func(at measure.Spot, n int) (measure.Sample, error) {
		r := ring.NewSPSC[small](measure.Capacity)
		loop := func() error {
			var c endsLedger
			all, dst := make([]small, batch), make([]small, batch)
			for i := 0; i < n; i += batch {
				src := all[:min(batch, n-i)]
				src[0][0], src[len(src)-1][0] = uint64(i), uint64(i+len(src)-1)
				r.PushBatch(src)
				c.see(dst[:r.PopBatch(dst)])
			}
			return c.err(n)
		}
		if batch == 1 {
			loop = func() error {
				var c endsLedger
				var dst [1]small
				for i := range uint64(n) {
					r.Push(small{i})
					dst[0], _ = r.Pop()
					c.see(dst[:])
				}
				return c.err(n)
			}
		}
		d, err := at.Solo(loop)
		return measure.PerOp(d, n), err
	}
}

// endsLedger is a look at the ends of batches.
type endsLedger struct {
	next  uint64 // how many elements have come
	wrong int    // batches whose ends are not what follows the last one
}

// see notes the arrival of a batch.
func (c *endsLedger) see(vs []small) {
	n := uint64(len(vs))
	if n == 0 || vs[0][0] != c.next || vs[n-1][0] != c.next+n-1 {
		c.wrong++
	}
	c.next += n
}

func (c *endsLedger) err(n int) error {
	if c.wrong > 0 || c.next != uint64(n) {
		return fmt.Errorf("data error: of %d elements %d came, and %d batches had wrong ends", n, c.next, c.wrong)
	}
	return nil
}
