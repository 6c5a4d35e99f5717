package affinity

import (
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/ring"
)

// batch is how many values are sent at a time.
const batch = 8

// batches calls send with 0 to n-1, by 8. send returns how many of those it was given it has sent.
func batches(n int, send func([]uint64) int) {
	src := make([]uint64, batch)
	for i := 0; i < n; i += batch {
		for j := range src {
			src[j] = uint64(i + j)
		}
		rest := src[:min(batch, n-i)]
		for wait := (measure.Poll{}); ; wait.Took(0, 1) {
			if rest = rest[send(rest):]; len(rest) == 0 {
				break
			}
		}
	}
}

// transfer moves values through a ring; both sides poll.
func transfer(s measure.Spot, n int) (measure.Sample, error) {
	r := ring.NewSPSC[uint64](measure.Capacity)
	d, err := s.Pair(func() { batches(n, r.PushBatch) }, func() error {
		var c measure.Check
		dst := make([]uint64, measure.Drain)
		for wait := (measure.Poll{}); c.Next < uint64(n); {
			k := r.PopBatch(dst)
			for _, v := range dst[:k] {
				c.Add(v)
			}
			wait.Took(k, batch)
		}
		return c.Err(n)
	})
	return measure.PerOp(d, n), err
}

// transferChannel moves them through a channel, which takes one at a time.
func transferChannel(s measure.Spot, n int) (measure.Sample, error) {
	ch := make(chan uint64, measure.Capacity)
	d, err := s.Pair(func() {
		for i := range uint64(n) {
			ch <- i
		}
	}, func() error {
		var c measure.Check
		for range n {
			c.Add(<-ch)
		}
		return c.Err(n)
	})
	return measure.PerOp(d, n), err
}

// stream moves values to an Exec that waits as spin says.
func stream(spin spinning) work {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		t := &measure.Tally{N: n}
		x, err := newExec(s, 1, spin)
		if err != nil {
			return measure.Sample{}, err
		}
		handle := func(_ *exec.Local, vs []uint64) int {
			for _, v := range vs {
				t.See(v)
			}
			return len(vs)
		}
		in, err := exec.NewInbox(x, exec.InboxConfig[uint64]{Cap: measure.Capacity, Handle: handle})
		if err != nil {
			return measure.Sample{}, err
		}
		return during(x, func() (measure.Sample, error) {
			lane, err := in.Lane()
			if err != nil {
				return measure.Sample{}, err
			}
			d, err := s.On(0, func() error {
				batches(n, lane.PushBatch)
				return t.Await()
			})
			return measure.PerOp(d, n), err
		})
	}
}
