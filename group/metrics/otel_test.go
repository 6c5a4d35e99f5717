package metrics_test

import (
	"context"
	"sort"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/pushcore/pushcore/group/debug"
	"github.com/pushcore/pushcore/group/metrics"
	"github.com/pushcore/pushcore/group/metrics/internal/table"
	"github.com/pushcore/pushcore/group/metrics/producer"
)

// figures is what is shown, by the name that Prometheus has for it, and by labels. A histogram is its sum, followed by
// the counts of its buckets.
type figures map[string][]float64

// viaPrometheus returns the figures that a registry gathers.
func viaPrometheus(t *testing.T, r prometheus.Gatherer) figures {
	t.Helper()
	families, err := r.Gather()
	require.NoError(t, err)
	all := figures{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			all[key(f.GetName(), labels)] = values(m)
		}
	}
	return all
}

func values(m *dto.Metric) []float64 {
	switch {
	case m.Counter != nil:
		return []float64{m.GetCounter().GetValue()}
	case m.Gauge != nil:
		return []float64{m.GetGauge().GetValue()}
	}
	h := m.GetHistogram()
	vs, below := []float64{h.GetSampleSum()}, uint64(0)
	for _, b := range h.GetBucket() {
		vs, below = append(vs, float64(b.GetCumulativeCount()-below)), b.GetCumulativeCount()
	}
	return append(vs, float64(h.GetSampleCount()-below))
}

func key(name string, labels []string) string {
	sort.Strings(labels)
	return name + "{" + strings.Join(labels, ",") + "}"
}

// viaOTel returns the figures that a reader collects. Units and kinds make the names, as in an exporter.
func viaOTel(t *testing.T, r sdkmetric.Reader) figures {
	t.Helper()
	var rm metricdata.ResourceMetrics
	require.NoError(t, r.Collect(t.Context(), &rm))
	all := figures{}
	require.Len(t, rm.ScopeMetrics, 1)
	require.Equal(t, "github.com/pushcore/pushcore/group/metrics", rm.ScopeMetrics[0].Scope.Name)
	for _, m := range rm.ScopeMetrics[0].Metrics {
		add := func(total bool, attrs attribute.Set, vs ...float64) {
			kind := table.Gauge
			if total {
				kind = table.Counter
			}
			var labels []string
			for _, kv := range attrs.ToSlice() {
				labels = append(labels, strings.TrimPrefix(string(kv.Key), "pushcore.")+"="+kv.Value.AsString())
			}
			row := table.Metric{Name: m.Name, Unit: m.Unit, Kind: kind}
			all[key(row.Prometheus(), labels)] = vs
		}
		switch d := m.Data.(type) {
		case metricdata.Sum[int64]:
			require.Equal(t, metricdata.CumulativeTemporality, d.Temporality)
			for _, p := range d.DataPoints {
				require.False(t, p.StartTime.After(p.Time))
				add(d.IsMonotonic, p.Attributes, float64(p.Value))
			}
		case metricdata.Sum[float64]:
			require.Equal(t, metricdata.CumulativeTemporality, d.Temporality)
			for _, p := range d.DataPoints {
				require.False(t, p.StartTime.After(p.Time))
				add(d.IsMonotonic, p.Attributes, p.Value)
			}
		case metricdata.Gauge[int64]:
			for _, p := range d.DataPoints {
				add(false, p.Attributes, float64(p.Value))
			}
		case metricdata.Gauge[float64]:
			for _, p := range d.DataPoints {
				add(false, p.Attributes, p.Value)
			}
		case metricdata.Histogram[float64]:
			require.Equal(t, metricdata.CumulativeTemporality, d.Temporality)
			for _, p := range d.DataPoints {
				vs, n := []float64{p.Sum}, uint64(0)
				for _, c := range p.BucketCounts {
					vs, n = append(vs, float64(c)), n+c
				}
				require.Equal(t, n, p.Count)
				require.Len(t, p.BucketCounts, len(p.Bounds)+1)
				add(false, p.Attributes, vs...)
			}
		default:
			t.Fatalf("%s: %T", m.Name, d)
		}
	}
	return all
}

// What a Producer shows is what Prometheus is shown, to the last series, under the names that an exporter makes of
// those of OpenTelemetry.
func TestProducerShowsWhatPrometheusIsShown(t *testing.T) {
	g := fixed(filled())
	p, err := producer.New(g)
	require.NoError(t, err)
	reader := sdkmetric.NewManualReader(sdkmetric.WithProducer(p))
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	defer func() { require.NoError(t, provider.Shutdown(context.Background())) }()
	require.Equal(t, viaPrometheus(t, pedantic(t, g)), viaOTel(t, reader))
}

// What a meter is shown is the same, but for histograms, of which there are the count and the sum.
func TestMeterIsShownWhatPrometheusIsShown(t *testing.T) {
	g := fixed(filled())
	reader := sdkmetric.NewManualReader()
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	defer func() { require.NoError(t, provider.Shutdown(context.Background())) }()
	registration, err := metrics.Observe(provider.Meter("github.com/pushcore/pushcore/group/metrics"), g)
	require.NoError(t, err)

	want := viaPrometheus(t, pedantic(t, g))
	for i := range table.All {
		m := &table.All[i]
		if m.Kind != table.Histogram {
			continue
		}
		count := table.Metric{Name: m.Name + "_count", Unit: "{sample}", Kind: table.Counter}
		sum := table.Metric{Name: m.Name + "_sum", Unit: m.Unit, Kind: table.Counter}
		for k, vs := range want {
			if name, labels, _ := strings.Cut(k, "{"); name == m.Prometheus() {
				n := 0.0
				for _, c := range vs[1:] {
					n += c
				}
				delete(want, k)
				want[count.Prometheus()+"{"+labels] = []float64{n}
				want[sum.Prometheus()+"{"+labels] = []float64{float64(vs[0])}
			}
		}
	}
	require.Equal(t, want, viaOTel(t, reader))

	require.NoError(t, registration.Unregister())
	var rm metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(t.Context(), &rm))
	require.Empty(t, rm.ScopeMetrics, "the callback has run after Unregister")
}

func TestOTelSaysWhatIsWrong(t *testing.T) {
	const want = "metrics: source 0 of 1 is nil: it must be a group, a server, or debug.Execs"
	sources := []debug.Source{nil}
	_, err := metrics.Observe(noop.Meter{}, sources...)
	require.EqualError(t, err, want)
	_, err = producer.New(sources...)
	require.EqualError(t, err, want)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p, err := producer.New()
	require.NoError(t, err)
	_, err = p.Produce(ctx)
	require.ErrorIs(t, err, context.Canceled)
}
