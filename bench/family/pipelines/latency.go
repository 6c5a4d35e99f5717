package pipelines

import (
	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/pushcore/pushcore/bench/internal/measure"
)

// run is one measurement.
type run = func(measure.Spot, int) (measure.Sample, error)

// aged returns the measurement of ages of a shape's events, from when they were due until the last sink has them, at a
// load in percent. how measures the throughput of the shape that it is given.
func (sh shape) aged(load int, how func(shape) run) run {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		return ages.Load(n, sh.sources, load, func(due *ages.Schedule) error {
			one := sh
			one.due, one.skew = due, s.Skew()
			_, err := how(one)(s, due.Len())
			return err
		})
	}
}
