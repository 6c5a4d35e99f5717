// Package producer shows groups and Execs to the SDK of OpenTelemetry, with their histograms.
//
//	p, err := producer.New(g)
//	reader := sdkmetric.NewPeriodicReader(exporter, sdkmetric.WithProducer(p))
//
// It is a package of its own, as it needs the SDK: who uses Prometheus, or the API only, links none of that.
package producer

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/pushcore/pushcore/group/debug"
	"github.com/pushcore/pushcore/group/metrics/internal/attrs"
	"github.com/pushcore/pushcore/group/metrics/internal/table"
)

// begin is before anything has counted anything.
var begin = time.Now()

// New returns a producer of all metrics of the sources, for sdkmetric.WithProducer. Use it in place of metrics.Observe,
// not with it: the names are the same. Temporality is cumulative, whatever the reader prefers, and views do not apply:
// so it is with all producers.
//
// Many readers may share it. The error says that a source is nil.
func New(sources ...debug.Source) (metric.Producer, error) {
	return producer(sources), table.Check(sources)
}

type producer []debug.Source

func (p producer) Produce(ctx context.Context) ([]metricdata.ScopeMetrics, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	snapshots, now := table.Take(p), time.Now()
	var all []metricdata.Metrics
	for i := range table.All {
		m := &table.All[i]
		var data metricdata.Aggregation
		switch {
		case m.Kind == table.Histogram:
			data = histogram(m, snapshots, now)
		case m.Whole():
			data = numbers[int64](m, snapshots, now)
		default:
			data = numbers[float64](m, snapshots, now)
		}
		if data != nil {
			all = append(all, metricdata.Metrics{Name: m.Name, Description: m.Help, Unit: m.Unit, Data: data})
		}
	}
	return []metricdata.ScopeMetrics{{Scope: instrumentation.Scope{Name: attrs.Scope}, Metrics: all}}, nil
}
