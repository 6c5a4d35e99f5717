package balancesim

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/pushcore/pushcore/balance"
)

// Defaults of the fields of [Config].
const (
	DefaultItems      = 1_000_000
	DefaultBatches    = 30
	DefaultConfidence = 0.95
	DefaultUnit       = time.Microsecond
)

// Limits of the fields of [Config].
const (
	maxWorkers   = 1 << 14
	maxProducers = 1 << 12
	maxItems     = 1 << 30
	maxRuns      = 1000
	maxBatches   = 10_000
)

// Config says what is simulated. Policy, Workers and Load must be set.
//
// Times are in units of the caller's choosing. With the default service times, whose mean is 1, a time is a multiple of
// the mean service time.
type Config struct {
	// Policy is what is looked at. Each producer gets a Balancer of its own.
	Policy balance.Policy
	// Workers is how many workers there are. Each serves one item at a time, in the order in which they came to it.
	Workers int
	// Load is how much work comes, as a share of what all workers together can do: below 1, or queues grow for as long
	// as the run lasts. Not used with Gaps.
	Load float64

	// Seed decides what chance decides. Runs with equal seeds bring the same items at the same times, whatever the
	// policy.
	Seed uint64
	// Gaps are the times between arrivals. Default: exponential (Poisson arrivals), with the mean that Load asks for.
	Gaps Dist
	// Service is how long an item takes at a worker of speed 1. Default Exponential(1).
	Service Dist
	// Speed[i] is how fast worker i is. Default 1 for all.
	Speed []float64
	// Weight[i] is View.Weight[i]. Default 1 for all.
	Weight []uint32
	// Keys are the keys of the items. Default: none.
	Keys Keys

	// Producers is how many there are. Each item is brought by one of them, drawn at random. Default 1.
	Producers int
	// RefreshEvery and RefreshAfter say how old a View may get: a producer looks at the workers before a pick if it has
	// picked RefreshEvery times, or RefreshAfter units have passed, since its last look; and if it was refused on a
	// View that is not fresh. 0 leaves one of them out. Default: a look before each pick. A group of package group is
	// close to RefreshEvery: 32 (or two per worker, if that is more) and RefreshAfter: 10 µs.
	RefreshEvery int
	RefreshAfter float64
	// Unit is how long a unit is on the clock of the View. Default 1 µs.
	Unit time.Duration

	// Cap is the capacity of a producer's lane to a worker, in items; that in service counts. Default: no limit.
	Cap int
	// Hold is how many items that the policy or a full lane refused a producer keeps, in a queue of its own. The first
	// of them is picked for again when a worker is done with an item; what comes meanwhile queues up behind it. What
	// finds the queue full is dropped. Default: all. Negative: none.
	Hold int

	// Items is how many are measured in each run, after WarmUp others that fill the queues. Defaults: DefaultItems,
	// Items/5. A negative WarmUp: none.
	Items, WarmUp int
	// Runs is how many independent runs there are, each with a seed of its own. From 2 on the intervals come from what
	// differs between runs. With one run they come from the means of Batches batches of it. Defaults 1, DefaultBatches.
	Runs, Batches int
	// Confidence is the probability that an interval contains what it estimates. Default 0.95.
	Confidence float64
}

// withDefaults returns a checked copy in which every field is set.
func (c Config) withDefaults() (Config, error) {
	if c.Policy == nil {
		return c, errors.New("balancesim: Config.Policy is nil: there is nothing to look at")
	}
	setDefault(&c.Producers, 1)
	setDefault(&c.Items, DefaultItems)
	setDefault(&c.WarmUp, c.Items/5)
	c.WarmUp = max(c.WarmUp, 0)
	setDefault(&c.Runs, 1)
	setDefault(&c.Batches, DefaultBatches)
	setDefault(&c.Hold, maxItems)
	setDefault(&c.Confidence, DefaultConfidence)
	setDefault(&c.Unit, DefaultUnit)
	if c.RefreshEvery == 0 && c.RefreshAfter == 0 {
		c.RefreshEvery = 1
	}
	for _, f := range []struct {
		name             string
		value, min, most int
	}{
		{"Workers", c.Workers, 1, maxWorkers},
		{"Producers", c.Producers, 1, maxProducers},
		{"Items", c.Items, 1, maxItems},
		{"WarmUp", c.WarmUp, 0, maxItems},
		{"Runs", c.Runs, 1, maxRuns},
		{"Batches", c.Batches, 2, min(maxBatches, max(c.Items, 2))},
		{"Cap", c.Cap, 0, maxItems},
		{"RefreshEvery", c.RefreshEvery, 0, maxItems},
	} {
		if f.value < f.min || f.value > f.most {
			return c, fmt.Errorf("balancesim: Config.%s is %d: it must be from %d to %d", f.name, f.value, f.min, f.most)
		}
	}
	if c.Service.Draw == nil && c.Service.Mean == 0 {
		c.Service = Exponential(1)
	}
	if err := c.Service.check("Service", false); err != nil {
		return c, err
	}
	if err := c.checkWorkers(); err != nil {
		return c, err
	}
	if err := c.checkKeys(); err != nil {
		return c, err
	}
	switch {
	case !(c.RefreshAfter >= 0):
		return c, fmt.Errorf("balancesim: Config.RefreshAfter is %g: it must not be negative", c.RefreshAfter)
	case c.Unit < 0:
		return c, fmt.Errorf("balancesim: Config.Unit is %v: it must be above 0", c.Unit)
	case !(c.Confidence > 0 && c.Confidence < 1):
		return c, fmt.Errorf("balancesim: Config.Confidence is %g: it must be between 0 and 1, such as 0.95", c.Confidence)
	}
	return c.withGaps()
}

// checkWorkers checks what there is one of for each worker.
func (c *Config) checkWorkers() error {
	if c.Speed == nil {
		c.Speed = make([]float64, c.Workers)
		for i := range c.Speed {
			c.Speed[i] = 1
		}
	}
	if len(c.Speed) != c.Workers {
		return fmt.Errorf("balancesim: Config.Speed has %d entries for %d workers: it must have one for each, or none", len(c.Speed), c.Workers)
	}
	if c.Weight != nil && len(c.Weight) != c.Workers {
		return fmt.Errorf("balancesim: Config.Weight has %d entries for %d workers: it must have one for each, or none", len(c.Weight), c.Workers)
	}
	for i, s := range c.Speed {
		if !(s > 0) || math.IsInf(s, 1) {
			return fmt.Errorf("balancesim: Config.Speed[%d] is %g: it must be above 0 and finite", i, s)
		}
	}
	return nil
}

func (c *Config) checkKeys() error {
	if err := c.Keys.check(); err != nil {
		return err
	}
	if c.Keys.N*c.Producers > maxKeys {
		return fmt.Errorf("balancesim: %d Producers with %d keys each: the product must be at most %d", c.Producers, c.Keys.N, maxKeys)
	}
	return nil
}

// withGaps makes the gaps of Load. A Load of 1 and more is allowed: some want to see what overload does.
func (c Config) withGaps() (Config, error) {
	if c.Gaps.Draw != nil {
		return c, c.Gaps.check("Gaps", true)
	}
	if !(c.Load > 0) || math.IsInf(c.Load, 1) {
		return c, fmt.Errorf("balancesim: Config.Load is %g: it must be above 0, and below 1 for queues that do not grow without end", c.Load)
	}
	speed := 0.0
	for _, s := range c.Speed {
		speed += s
	}
	c.Gaps = Exponential(c.Service.Mean / (c.Load * speed))
	return c, nil
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
