package producer

import (
	"slices"
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/pushcore/pushcore/group"
	"github.com/pushcore/pushcore/group/metrics/internal/attrs"
	"github.com/pushcore/pushcore/group/metrics/internal/table"
)

// numbers returns the points of a metric that is no histogram, nil if it has none.
func numbers[N int64 | float64](m *table.Metric, snapshots []group.Snapshot, now time.Time) metricdata.Aggregation {
	var points []metricdata.DataPoint[N]
	m.Read(snapshots, func(s table.Sample) {
		p := metricdata.DataPoint[N]{Attributes: attrs.Of(m, s), Time: now, Value: N(s.Value)}
		if m.Kind != table.Gauge {
			p.StartTime = begin
		}
		points = append(points, p)
	})
	switch {
	case points == nil:
		return nil
	case m.Kind == table.Gauge:
		return metricdata.Gauge[N]{DataPoints: points}
	default:
		return metricdata.Sum[N]{
			DataPoints: points, Temporality: metricdata.CumulativeTemporality, IsMonotonic: m.Kind == table.Counter,
		}
	}
}

// histogram returns the points of a histogram, nil if it has none.
func histogram(m *table.Metric, snapshots []group.Snapshot, now time.Time) metricdata.Aggregation {
	var points []metricdata.HistogramDataPoint[float64]
	m.Read(snapshots, func(s table.Sample) {
		d := &s.Distribution
		points = append(points, metricdata.HistogramDataPoint[float64]{
			Attributes: attrs.Of(m, s), StartTime: begin, Time: now,
			Count: d.Count(), Sum: d.Sum, Bounds: slices.Clone(d.Bounds), BucketCounts: d.Counts,
		})
	})
	if points == nil {
		return nil
	}
	return metricdata.Histogram[float64]{DataPoints: points, Temporality: metricdata.CumulativeTemporality}
}
