package exec_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// The buckets follow each other without a gap, and are narrow.
func TestHistogramBuckets(t *testing.T) {
	require.EqualValues(t, 64, exec.BucketEnd(0))
	for i := 1; i < exec.HistogramBuckets-1; i++ {
		begin, end := exec.BucketEnd(i-1), exec.BucketEnd(i)
		require.Greater(t, end, begin)
		require.LessOrEqual(t, float64(end-begin), float64(begin)/4, "bucket %d", i)
		for _, d := range []time.Duration{begin, (begin + end) / 2, end - 1} {
			require.Equal(t, i, exec.BucketOf(d), "%d", d)
		}
	}
	require.Equal(t, exec.Never, exec.BucketEnd(exec.HistogramBuckets-1))
	require.Greater(t, exec.BucketEnd(exec.HistogramBuckets-2), 60*time.Second)
	require.Equal(t, exec.HistogramBuckets-1, exec.BucketOf(time.Hour))
	require.Zero(t, exec.BucketOf(0))
}

// Quantiles are within the width of a bucket of what sorting says.
func TestHistogramQuantiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var h exec.Histogram
	var all []time.Duration
	var sum time.Duration
	for range 10_000 {
		d := time.Duration(rng.ExpFloat64() * 1e5)
		h.Observe(d, 1)
		all = append(all, d)
		sum += d
	}
	slices.Sort(all)
	for _, q := range []float64{0.01, .5, .9, .99, .999} {
		want := all[int(q*float64(len(all)))]
		require.InEpsilon(t, float64(want), float64(h.Quantile(q)), 0.25, "quantile %v", q)
	}
	require.Equal(t, all[len(all)-1], h.Quantile(1))
	require.Equal(t, all[len(all)-1], h.Max)
	require.EqualValues(t, len(all), h.Count())
	require.Equal(t, sum, h.Sum)
	require.Equal(t, sum/10_000, h.Mean())
	var empty exec.Histogram
	require.Zero(t, empty.Quantile(.5))
	require.Zero(t, empty.Mean())
}

func TestHistogramAddAndSince(t *testing.T) {
	var a, b exec.Histogram
	a.Observe(time.Microsecond, 3)
	early := a
	a.Observe(time.Second, 1)
	b.Observe(time.Millisecond, 2)
	late := a.Since(&early)
	require.EqualValues(t, 1, late.Count())
	require.Equal(t, time.Second, late.Sum)
	require.Equal(t, time.Second, late.Max)
	none := early.Since(&early)
	require.Zero(t, none)
	a.Add(&b)
	require.EqualValues(t, 6, a.Count())
	require.Equal(t, 3*time.Microsecond+time.Second+2*time.Millisecond, a.Sum)
}

func TestHistogramAsJSON(t *testing.T) {
	var h, back exec.Histogram
	h.Observe(10, 1)
	h.Observe(time.Millisecond, 5)
	h.Observe(time.Hour, 1)
	text, err := json.Marshal(h)
	require.NoError(t, err)
	require.Contains(t, string(text), `"Count":7`)
	require.Contains(t, string(text), `[64,1]`)
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, h, back)
	require.ErrorContains(t, json.Unmarshal([]byte(`{"Buckets":[[65,1]]}`), &back), "65 ns")
	require.Error(t, json.Unmarshal([]byte(`7`), &back))
}
