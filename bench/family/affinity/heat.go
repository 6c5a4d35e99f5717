package affinity

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/stat"
	"github.com/pushcore/pushcore/exec/place"
)

// MaxHeat is how many cpus a heat map has at most: the 2016 pairs of 64 take some two seconds.
const MaxHeat = 64

// heatTrips is how often a line goes to and fro between two cpus: a millisecond where these are far apart.
const heatTrips = 32 * measure.TripGroup

// Sampled returns cpus, or, where these are more than MaxHeat, as many of them at even distances, in their order.
func Sampled(cpus place.Set) place.Set {
	if len(cpus) <= MaxHeat {
		return slices.Clone(cpus)
	}
	some := make(place.Set, MaxHeat)
	for i := range some {
		some[i] = cpus[i*len(cpus)/MaxHeat]
	}
	return some
}

// Heat measures what a cache line takes from each cpu to each other and back, in ns: heat[i][j] is that between cpus[i]
// and cpus[j]. A pair is measured once, so the map is symmetric; its diagonal is 0. It takes about a millisecond per
// pair, during which both cpus are kept busy.
//
// There may be MaxHeat cpus at most, see Sampled, and each must be allowed. When ctx ends, Heat returns its error
// before the next pair. The error wraps measure.ErrSkip where threads cannot be pinned.
func Heat(ctx context.Context, cpus place.Set) (heat [][]float64, err error) {
	if len(cpus) > MaxHeat {
		return nil, fmt.Errorf("a heat map of %d cpus: it may have %d at most (Sampled chooses)", len(cpus), MaxHeat)
	}
	if _, err := place.Current(); errors.Is(err, errors.ErrUnsupported) {
		return nil, errUnpinned
	}
	heat = make([][]float64, len(cpus))
	for i := range heat {
		heat[i] = make([]float64, len(cpus))
	}
	for i, a := range cpus {
		for j, b := range cpus[:i] {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if a == b {
				return nil, fmt.Errorf("a heat map of cpus %v: cpu %d is named twice", []int(cpus), a)
			}
			trip, err := measure.LineRoundTrip(measure.Spot{CPUs: [2]int{a, b}, Pinned: true}, heatTrips)
			if err != nil {
				return nil, err
			}
			heat[i][j], heat[j][i] = trip.Value(), trip.Value()
		}
	}
	return heat, nil
}

func pairsRow() measure.Row {
	return measure.Row{
		Name:   "Affinity/pairs",
		Does:   fmt.Sprintf("a cache line from each allowed cpu to each other and back, of up to %d", MaxHeat),
		Impls:  []measure.Impl{measure.Floor("roundtrip", pairs)},
		Amount: 1,
	}
}

// pairs measures the map once, whatever it is asked for.
func pairs(measure.Spot, int) (measure.Sample, error) {
	cpus, err := place.Allowed()
	if err != nil {
		return measure.Sample{}, err
	}
	heat, err := Heat(context.Background(), Sampled(cpus))
	if err != nil {
		return measure.Sample{}, err
	}
	var trips []float64
	for i, row := range heat {
		trips = append(trips, row[:i]...)
	}
	if len(trips) == 0 {
		return measure.Sample{}, fmt.Errorf("%w: there is one cpu only (%s)", measure.ErrSkip, cpus)
	}
	return measure.Sample{Items: float64(len(trips)), Metrics: []measure.Metric{
		{Value: stat.Median(trips), Unit: "median-ns"},
		{Value: slices.Min(trips), Unit: "min-ns"},
		{Value: slices.Max(trips), Unit: "max-ns"},
	}}, nil
}
