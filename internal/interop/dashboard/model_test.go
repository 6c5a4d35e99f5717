package dashboard

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// What the page makes of reports is what Go makes of them.
func TestModel(t *testing.T) {
	p := open(t, newFake("ingest", 1))

	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		var old exec.Histogram
		observe(&old, uint64(random.IntN(1000)), time.Duration(random.IntN(1e6)), random.Float64())
		now := old
		observe(&now, 100+uint64(random.IntN(1000)), time.Duration(random.IntN(1e9)), random.Float64())
		since := now.Since(&old)
		for _, q := range []float64{0, .1, .5, .99, 1} {
			got := eval[float64](p, fmt.Sprintf(`quantile(since(%s, %s), %v)`, encoded(t, now), encoded(t, old), q))
			require.InDelta(t, float64(since.Quantile(q)), got, 1, "quantile %v", q)
		}
	}
	// The first bucket, and the last, which has no end.
	ends := exec.Histogram{Max: 100 * time.Second, Sum: 100 * time.Second}
	ends.Counts[0], ends.Counts[exec.HistogramBuckets-1] = 1, 1
	for _, q := range []float64{.25, .75, 1} {
		require.InDelta(t, float64(ends.Quantile(q)), eval[float64](p, fmt.Sprintf(`quantile(since(%s), %v)`, encoded(t, ends), q)), 1)
	}

	// A counter that goes back is another one: there is no rate until it has moved on.
	require.Equal(t, []*float64{nil, new(100.0), nil, new(10.0)}, eval[[]*float64](p, `(() => {
		const t = new Track([s => s.n]), rates = [];
		for (const [at, n] of [[0, 100], [1, 200], [1.25, 50], [2.25, 60]]) {
			t.push(at * 1e9, {n});
			rates.push(t.rate(s => s.n) ?? null);
		}
		return rates;
	})()`))
	// A strip has a cell for each second, of gaps too, and none for the change from one counter to another.
	require.Equal(t, []float64{10, 20, 20, 5}, eval[[]float64](p, `(() => {
		const s = new Strip();
		for (const [second, n, same] of [[0, 0, false], [0, 4, true], [1, 10, true], [3, 50, true], [4, 1, false], [5, 6, true]]) {
			s.push(second, n, same);
		}
		return s.cells;
	})()`))
}

func encoded(t *testing.T, h exec.Histogram) string {
	text, err := json.Marshal(h)
	require.NoError(t, err)
	return string(text)
}

// Which work is whose.
func TestModelOfWork(t *testing.T) {
	p := open(t, newFake("ingest", 1))
	require.Equal(t, 1234.0, eval[float64](p, `work({Exec: {Inboxes: [{Consumed: 4}, {Consumed: 30}], Sources: [{Done: 200}, {Done: 1000}]}})`))
	require.Zero(t, eval[float64](p, `work({Exec: {Inboxes: null, Sources: null}})`))
	require.Equal(t, []bool{true, true, false, false}, eval[[]bool](p, `[['', 0, 0], ['', 2, 2], ['', 3, 2], ['RoundRobin', 0, 5]]`+
		`.map(([Balancer, Accepted, done]) => fromSources({Balancer, Accepted, sums: {done}}))`))
}
