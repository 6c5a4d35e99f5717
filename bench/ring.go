package main

import (
	"strconv"

	"github.com/pushcore/pushcore/ring"
)

// capacity is what every queue here holds.
const capacity = 4096

// drain is how much a consumer takes at once when the producer sends one at a time.
const drain = 64

func ringRows() []row {
	channel := each("channel", channelOne)
	swap := func(group int) []impl {
		return each("mutex-swap", func(s spot, n int) (sample, error) { return mutexSwap(s, n, group) })
	}
	rows := []row{{
		name: "Ring/SPSC/one",
		impls: join(ours("pushcore", spscDrain), ours("pushcore-pop", spscPop),
			channel, swap(1), each("xsync", xsyncOne)),
		targets: []target{
			faster("pushcore", "channel", 2), faster("pushcore", "mutex-swap", 1), faster("pushcore-pop", "channel", 2),
		},
	}}
	for _, k := range []int{8, 32} {
		rows = append(rows, row{
			name: "Ring/SPSC/flush=" + strconv.Itoa(k),
			impls: join(ours("pushcore", func(s spot, n int) (sample, error) { return spscFlush(s, n, k) }),
				ours("pushcore-reserve", func(s spot, n int) (sample, error) { return spscReserve(s, n, k) }),
				swap(k)),
			targets: []target{faster("pushcore", "mutex-swap", 2)},
		})
	}
	for _, b := range []struct {
		size int
		want float64
	}{{8, 6}, {32, 15}} {
		rows = append(rows, row{
			name: "Ring/SPSC/batch=" + strconv.Itoa(b.size),
			impls: join(ours("pushcore", func(s spot, n int) (sample, error) { return spscBatch(s, n, b.size) }),
				channel, swap(b.size)),
			targets: []target{faster("pushcore", "channel", b.want)},
		})
	}
	return append(rows, row{
		name:    "Ring/SPSC/onecore/one",
		impls:   join(ours("pushcore", oneCoreOne), calibrationImpl()),
		targets: []target{atMost("pushcore", 6)},
	}, row{
		name:    "Ring/SPSC/onecore/batch=32",
		impls:   join(ours("pushcore", oneCoreBatch), calibrationImpl()),
		targets: []target{atMost("pushcore", 25)},
	}, row{
		name: "Ring/MPSC/producers=1/batch=32",
		impls: join(ours("pushcore", func(s spot, n int) (sample, error) { return mpscBatch(s, n, 32) }),
			channel, swap(32)),
		targets: []target{faster("pushcore", "channel", 8)},
	}, row{
		name: "Ring/MPSC/producers=1/one",
		impls: join(ours("pushcore", func(s spot, n int) (sample, error) { return mpscBatch(s, n, 1) }),
			channel, swap(1)),
	})
}

// join makes one list of single implementations and lists of them.
func join(parts ...any) (all []impl) {
	for _, p := range parts {
		switch p := p.(type) {
		case impl:
			all = append(all, p)
		case []impl:
			all = append(all, p...)
		}
	}
	return all
}

// spscDrain pushes one at a time, each visible at once; the consumer takes what there is.
func spscDrain(s spot, n int) (sample, error) {
	r := ring.NewSPSC[uint64](capacity)
	d, err := s.pair(func() { pushOnes(r, n) }, func() error { return popBatches(r, n, drain) })
	return perOp(d, n), err
}

// spscPop pushes one at a time and pops one at a time.
func spscPop(s spot, n int) (sample, error) {
	r := ring.NewSPSC[uint64](capacity)
	d, err := s.pair(func() { pushOnes(r, n) }, func() error {
		var c check
		for wait := (poll{}); c.next < uint64(n); {
			v, ok := r.Pop()
			if !ok {
				wait.took(0, 1)
				continue
			}
			wait.took(1, 1)
			c.add(v)
		}
		return c.err(n)
	})
	return perOp(d, n), err
}

func pushOnes(r *ring.SPSC[uint64], n int) {
	for i := range uint64(n) {
		for wait := (poll{}); !r.Push(i); {
			wait.took(0, 1)
		}
	}
}

// popBatches takes up to size values at a time until it has seen n.
func popBatches(r *ring.SPSC[uint64], n, size int) error {
	var c check
	dst := make([]uint64, size)
	for wait := (poll{}); c.next < uint64(n); {
		k := r.PopBatch(dst)
		for _, v := range dst[:k] {
			c.add(v)
		}
		wait.took(k, size)
	}
	return c.err(n)
}

// spscFlush stages one at a time and publishes every k.
func spscFlush(s spot, n, k int) (sample, error) {
	r := ring.NewSPSC[uint64](capacity)
	d, err := s.pair(func() {
		for i := uint64(0); i < uint64(n); {
			for range k {
				for wait := (poll{}); !r.Stage(i); {
					wait.took(0, 1)
				}
				i++
			}
			r.Flush()
		}
	}, func() error { return popBatches(r, n, drain) })
	return perOp(d, n), err
}

// spscReserve makes the values in the ring's own slots and publishes every k.
func spscReserve(s spot, n, k int) (sample, error) {
	r := ring.NewSPSC[uint64](capacity)
	d, err := s.pair(func() {
		for i, wait := uint64(0), (poll{}); i < uint64(n); {
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
			wait.took(len(a)+len(b), 1)
		}
	}, func() error { return popBatches(r, n, drain) })
	return perOp(d, n), err
}

// spscBatch pushes and pops size at a time.
func spscBatch(s spot, n, size int) (sample, error) {
	r := ring.NewSPSC[uint64](capacity)
	d, err := s.pair(func() {
		src := make([]uint64, size)
		for i := uint64(0); i < uint64(n); i += uint64(size) {
			for j := range src {
				src[j] = i + uint64(j)
			}
			for rest, wait := src, (poll{}); ; wait.took(0, 1) {
				if rest = rest[r.PushBatch(rest):]; len(rest) == 0 {
					break
				}
			}
		}
	}, func() error { return popBatches(r, n, size) })
	return perOp(d, n), err
}

// oneCoreOne is the bare cost of the instructions: everything stays in one core's cache.
func oneCoreOne(s spot, n int) (sample, error) {
	r := ring.NewSPSC[uint64](capacity)
	d, err := s.solo(func() error {
		var c check
		for i := range uint64(n) {
			r.Push(i)
			v, _ := r.Pop()
			c.add(v)
		}
		return c.err(n)
	})
	return perOp(d, n), err
}

// oneCoreBatch is the same for 32 at a time; the figure is that of the batch. The last values of each batch are
// checked, as looking at all of them would take longer than moving them.
func oneCoreBatch(s spot, n int) (sample, error) {
	r := ring.NewSPSC[uint64](capacity)
	d, err := s.solo(func() error {
		var c check
		src, dst := make([]uint64, 32), make([]uint64, 32)
		for i := range uint64(n) {
			src[0], src[31] = i, i
			if r.PushBatch(src) != 32 || r.PopBatch(dst) != 32 || dst[0] != i {
				c.wrong++
			}
			c.add(dst[31])
		}
		return c.err(n)
	})
	return perOp(d, n), err
}

// mpscBatch has one producer, which does not tell the ring so.
func mpscBatch(s spot, n, size int) (sample, error) {
	r := ring.NewMPSC[uint64](capacity)
	d, err := s.pair(func() {
		src := make([]uint64, size)
		for i := uint64(0); i < uint64(n); i += uint64(size) {
			for j := range src {
				src[j] = i + uint64(j)
			}
			for rest, wait := src, (poll{}); ; wait.took(0, 1) {
				if rest = rest[r.PushBatch(rest):]; len(rest) == 0 {
					break
				}
			}
		}
	}, func() error {
		var c check
		dst := make([]uint64, max(size, drain))
		for wait := (poll{}); c.next < uint64(n); {
			k := r.PopBatch(dst)
			for _, v := range dst[:k] {
				c.add(v)
			}
			wait.took(k, size)
		}
		return c.err(n)
	})
	return perOp(d, n), err
}
