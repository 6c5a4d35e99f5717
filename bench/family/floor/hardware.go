package floor

import (
	"fmt"
	"sync/atomic"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/internal/mem"
)

// lineBytes is how much a line of the stream carries.
const lineBytes = 64

// line says by its number, which is written last, that the rest of it was written.
type line struct {
	body [lineBytes/8 - 1]uint64
	num  mem.Index
}

var _ [lineBytes]byte = [8 * (len(line{}.body) + 1)]byte{}

// stream returns a measurement of n lines that go round in a table. The reader waits for the last line of each block,
// and then reads all of them; block divides n. It gives the writer back what it has read, block by block or, where that
// is less, by 64: the line that says so is not what is measured.
func stream(block int) func(s measure.Spot, n int) (measure.Sample, error) {
	const returned = 64
	return func(s measure.Spot, n int) (measure.Sample, error) {
		block := min(block, n)
		table := make([]line, measure.Capacity)
		var shared struct {
			_    mem.Pad
			read mem.Index
			_    mem.Pad
		}
		at := func(i uint64) *line { return &table[i%measure.Capacity] }
		d, err := s.Pair(func() {
			read := uint64(0)
			for i := range uint64(n) {
				for wait := (measure.Poll{}); i-read == measure.Capacity; wait.Took(0, 1) {
					read = shared.read.Load()
				}
				l := at(i)
				for j := range l.body {
					l.body[j] = i
				}
				l.num.StoreRelease(i + 1)
			}
		}, func() error {
			var c measure.Check
			for i := uint64(0); i < uint64(n); {
				end := min(i+uint64(block), uint64(n))
				for wait := (measure.Poll{}); at(end-1).num.Load() != end; {
					wait.Took(0, 1)
				}
				for ; i < end; i++ {
					l := at(i)
					sum := uint64(0)
					for _, v := range l.body {
						sum += v
					}
					c.Add(sum / uint64(len(l.body)))
				}
				if i%returned == 0 {
					shared.read.StoreRelease(i)
				}
			}
			return c.Err(n)
		})
		sm := measure.PerOp(d, n)
		sm.Metrics = append(sm.Metrics, measure.Metric{Value: lineBytes / sm.Value(), Unit: "GB/s"})
		return sm, err
	}
}

func pause(s measure.Spot, n int) (measure.Sample, error) {
	d, err := s.Solo(func() error {
		for range n {
			mem.Pause()
		}
		return nil
	})
	return measure.PerOp(d, n), err
}

// counter is a word on lines of its own.
type counter struct {
	_ mem.Pad
	v atomic.Uint64
	_ mem.Pad
}

func (c *counter) add(n int) {
	for range n {
		c.v.Add(1)
	}
}

func (c *counter) err(want int) error {
	if got := c.v.Load(); got != uint64(want) {
		return fmt.Errorf("data error: %d adds of one make %d", want, got)
	}
	return nil
}

func addOwn(s measure.Spot, n int) (measure.Sample, error) {
	c := new(counter)
	d, err := s.Solo(func() error {
		c.add(n)
		return c.err(n)
	})
	return measure.PerOp(d, n), err
}

// addShared lets both cpus add to one line until they have added 2n together. Both end at about the same time, so that
// neither has the line for itself for long; the time is per add.
func addShared(s measure.Spot, n int) (measure.Sample, error) {
	c := new(counter)
	added := [2]int{}
	upTo := func(side int) {
		for c.v.Add(1) <= uint64(2*n) { // the last one of each side is one too many
			added[side]++
		}
	}
	d, err := s.Pair(func() { upTo(0) }, func() error {
		upTo(1)
		return nil
	})
	if err == nil {
		err = c.err(2*n + len(added))
	}
	if sum := added[0] + added[1]; err == nil && sum != 2*n {
		err = fmt.Errorf("data error: %d adds of one make %d", sum, 2*n)
	}
	return measure.PerOp(d, 2*n), err
}
