package rings

import (
	"strconv"

	"github.com/pushcore/pushcore/bench/internal/measure"

	"github.com/pushcore/pushcore/ring"
)

// Family lists the rows.
func Family() measure.Family {
	return measure.Family{Name: "ring", Does: "package ring beside the queues that a program would use in its place", Rows: ringRows()}
}

func ringRows() []measure.Row {
	channel := measure.Each("channel", channelOne)
	swap := func(group int) []measure.Impl {
		return measure.Each("mutex-swap", func(s measure.Spot, n int) (measure.Sample, error) { return mutexSwap(s, n, group) })
	}
	rows := []measure.Row{{
		Name: "Ring/SPSC/one",
		Impls: measure.Join(measure.Ours("pushcore", spscDrain), measure.Ours("pushcore-pop", spscPop),
			channel, swap(1), measure.Each("xsync", xsyncOne)),
		Wants: []measure.Want{
			measure.Faster("pushcore", "channel", 2), measure.Faster("pushcore", "mutex-swap", 1), measure.Faster("pushcore-pop", "channel", 2),
		},
	}}
	for _, k := range []int{8, 32} {
		rows = append(rows, measure.Row{
			Name: "Ring/SPSC/flush=" + strconv.Itoa(k),
			Impls: measure.Join(measure.Ours("pushcore", func(s measure.Spot, n int) (measure.Sample, error) { return spscFlush(s, n, k) }),
				measure.Ours("pushcore-reserve", func(s measure.Spot, n int) (measure.Sample, error) { return spscReserve(s, n, k) }),
				swap(k)),
			Wants: []measure.Want{measure.Faster("pushcore", "mutex-swap", 2)},
		})
	}
	for _, b := range []struct {
		size int
		want float64
	}{{8, 6}, {32, 15}} {
		rows = append(rows, measure.Row{
			Name: "Ring/SPSC/batch=" + strconv.Itoa(b.size),
			Impls: measure.Join(measure.Ours("pushcore", func(s measure.Spot, n int) (measure.Sample, error) { return spscBatch(s, n, b.size) }),
				channel, swap(b.size)),
			Wants: []measure.Want{measure.Faster("pushcore", "channel", b.want)},
		})
	}
	return append(rows, measure.Row{
		Name:  "Ring/SPSC/onecore/one",
		Impls: measure.Join(measure.Ours("pushcore", oneCoreOne), measure.Calibration()),
		Wants: []measure.Want{measure.AtMost("pushcore", 6)},
	}, measure.Row{
		Name:  "Ring/SPSC/onecore/batch=32",
		Impls: measure.Join(measure.Ours("pushcore", oneCoreBatch), measure.Calibration()),
		Wants: []measure.Want{measure.AtMost("pushcore", 25)},
	}, measure.Row{
		Name: "Ring/MPSC/producers=1/batch=32",
		Impls: measure.Join(measure.Ours("pushcore", func(s measure.Spot, n int) (measure.Sample, error) { return mpscBatch(s, n, 32) }),
			channel, swap(32)),
		Wants: []measure.Want{measure.Faster("pushcore", "channel", 8)},
	}, measure.Row{
		Name: "Ring/MPSC/producers=1/one",
		Impls: measure.Join(measure.Ours("pushcore", func(s measure.Spot, n int) (measure.Sample, error) { return mpscBatch(s, n, 1) }),
			channel, swap(1)),
	})
}

// spscDrain pushes one at a time, each visible at once; the consumer takes what there is.
func spscDrain(s measure.Spot, n int) (measure.Sample, error) {
	r := ring.NewSPSC[uint64](measure.Capacity)
	d, err := s.Pair(func() { pushOnes(r, n) }, func() error { return popBatches(r, n, measure.Drain) })
	return measure.PerOp(d, n), err
}

// spscPop pushes one at a time and pops one at a time.
func spscPop(s measure.Spot, n int) (measure.Sample, error) {
	r := ring.NewSPSC[uint64](measure.Capacity)
	d, err := s.Pair(func() { pushOnes(r, n) }, func() error {
		var c measure.Check
		for wait := (measure.Poll{}); c.Next < uint64(n); {
			v, ok := r.Pop()
			if !ok {
				wait.Took(0, 1)
				continue
			}
			wait.Took(1, 1)
			c.Add(v)
		}
		return c.Err(n)
	})
	return measure.PerOp(d, n), err
}

func pushOnes(r *ring.SPSC[uint64], n int) {
	for i := range uint64(n) {
		for wait := (measure.Poll{}); !r.Push(i); {
			wait.Took(0, 1)
		}
	}
}

// popBatches takes up to size values at a time until it has seen n.
func popBatches(r *ring.SPSC[uint64], n, size int) error {
	var c measure.Check
	dst := make([]uint64, size)
	for wait := (measure.Poll{}); c.Next < uint64(n); {
		k := r.PopBatch(dst)
		for _, v := range dst[:k] {
			c.Add(v)
		}
		wait.Took(k, size)
	}
	return c.Err(n)
}

// spscFlush stages one at a time and publishes every k.
func spscFlush(s measure.Spot, n, k int) (measure.Sample, error) {
	r := ring.NewSPSC[uint64](measure.Capacity)
	d, err := s.Pair(func() {
		for i := uint64(0); i < uint64(n); {
			for range k {
				for wait := (measure.Poll{}); !r.Stage(i); {
					wait.Took(0, 1)
				}
				i++
			}
			r.Flush()
		}
	}, func() error { return popBatches(r, n, measure.Drain) })
	return measure.PerOp(d, n), err
}

// spscReserve makes the values in the ring's own slots and publishes every k.
func spscReserve(s measure.Spot, n, k int) (measure.Sample, error) {
	r := ring.NewSPSC[uint64](measure.Capacity)
	d, err := s.Pair(func() {
		for i, wait := uint64(0), (measure.Poll{}); i < uint64(n); {
			a, b := r.Reserve(min(k, n-int(i)))
			for j := range a {
				a[j] = i
				i++
			}
			for j := range b {
				b[j] = i
				i++
			}
			r.Commit(len(a) + len(b))
			wait.Took(len(a)+len(b), 1)
		}
	}, func() error { return popBatches(r, n, measure.Drain) })
	return measure.PerOp(d, n), err
}

// spscBatch pushes and pops size at a time.
func spscBatch(s measure.Spot, n, size int) (measure.Sample, error) {
	r := ring.NewSPSC[uint64](measure.Capacity)
	d, err := s.Pair(func() {
		src := make([]uint64, size)
		for i := uint64(0); i < uint64(n); i += uint64(size) {
			for j := range src {
				src[j] = i + uint64(j)
			}
			for rest, wait := src, (measure.Poll{}); ; wait.Took(0, 1) {
				if rest = rest[r.PushBatch(rest):]; len(rest) == 0 {
					break
				}
			}
		}
	}, func() error { return popBatches(r, n, size) })
	return measure.PerOp(d, n), err
}

// oneCoreOne is the bare cost of the instructions: everything stays in one core's cache.
func oneCoreOne(s measure.Spot, n int) (measure.Sample, error) {
	r := ring.NewSPSC[uint64](measure.Capacity)
	d, err := s.Solo(func() error {
		var c measure.Check
		for i := range uint64(n) {
			r.Push(i)
			v, _ := r.Pop()
			c.Add(v)
		}
		return c.Err(n)
	})
	return measure.PerOp(d, n), err
}

// oneCoreBatch is the same for 32 at a time; the figure is that of the batch. The last values of each batch are
// checked, as looking at all of them would take longer than moving them.
func oneCoreBatch(s measure.Spot, n int) (measure.Sample, error) {
	r := ring.NewSPSC[uint64](measure.Capacity)
	d, err := s.Solo(func() error {
		var c measure.Check
		src, dst := make([]uint64, 32), make([]uint64, 32)
		for i := range uint64(n) {
			src[0], src[31] = i, i
			if r.PushBatch(src) != 32 || r.PopBatch(dst) != 32 || dst[0] != i {
				c.Wrong++
			}
			c.Add(dst[31])
		}
		return c.Err(n)
	})
	return measure.PerOp(d, n), err
}

// mpscBatch has one producer, which does not tell the ring so.
func mpscBatch(s measure.Spot, n, size int) (measure.Sample, error) {
	r := ring.NewMPSC[uint64](measure.Capacity)
	d, err := s.Pair(func() {
		src := make([]uint64, size)
		for i := uint64(0); i < uint64(n); i += uint64(size) {
			for j := range src {
				src[j] = i + uint64(j)
			}
			for rest, wait := src, (measure.Poll{}); ; wait.Took(0, 1) {
				if rest = rest[r.PushBatch(rest):]; len(rest) == 0 {
					break
				}
			}
		}
	}, func() error {
		var c measure.Check
		dst := make([]uint64, max(size, measure.Drain))
		for wait := (measure.Poll{}); c.Next < uint64(n); {
			k := r.PopBatch(dst)
			for _, v := range dst[:k] {
				c.Add(v)
			}
			wait.Took(k, size)
		}
		return c.Err(n)
	})
	return measure.PerOp(d, n), err
}
