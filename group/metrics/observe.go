package metrics

import (
	"context"

	"go.opentelemetry.io/otel/metric"

	"github.com/pushcore/pushcore/group/debug"
	"github.com/pushcore/pushcore/group/metrics/internal/attrs"
	"github.com/pushcore/pushcore/group/metrics/internal/table"
)

// Observe shows the sources to OpenTelemetry through a meter: all metrics, as asynchronous instruments. A collection
// takes one snapshot of each source; see [NewCollector] for what it costs.
//
// OpenTelemetry has no asynchronous histogram. So of each histogram its count and its sum are shown, as counters that
// are called after it, like pushcore.inbox.delay_count and pushcore.inbox.delay_sum: they tell the mean over any time,
// but no quantile. For these use producer.New in place of this, which needs the SDK.
//
// The error is the meter's, or says that a source is nil. Unregister ends it.
func Observe(meter metric.Meter, sources ...debug.Source) (metric.Registration, error) {
	if err := table.Check(sources); err != nil {
		return nil, err
	}
	var views []view
	var all []metric.Observable
	for i := range table.All {
		parts, err := newViews(meter, &table.All[i])
		if err != nil {
			return nil, err
		}
		for _, p := range parts {
			all = append(all, p.instrument)
		}
		views = append(views, parts...)
	}
	return meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		snapshots := table.Take(sources)
		for _, v := range views {
			v.Read(snapshots, func(s table.Sample) { v.observe(o, s) })
		}
		return nil
	}, all...)
}

// view is an instrument for a metric, or for one figure of a histogram.
type view struct {
	*table.Metric
	instrument metric.Observable
	figure     func(table.Sample) float64
}

func newViews(meter metric.Meter, m *table.Metric) ([]view, error) {
	if m.Kind != table.Histogram {
		in, err := newInstrument(meter, m.Kind, m.Whole(), m.Name, m.Unit, m.Help)
		return []view{{m, in, func(s table.Sample) float64 { return s.Value }}}, err
	}
	count, err := newInstrument(meter, table.Counter, true, m.Name+"_count", "{sample}", "Count of: "+m.Help)
	if err != nil {
		return nil, err
	}
	sum, err := newInstrument(meter, table.Counter, m.Whole(), m.Name+"_sum", m.Unit, "Sum of: "+m.Help)
	return []view{
		{m, count, func(s table.Sample) float64 { return float64(s.Distribution.Count()) }},
		{m, sum, func(s table.Sample) float64 { return s.Distribution.Sum }},
	}, err
}

func (v *view) observe(o metric.Observer, s table.Sample) {
	with := metric.WithAttributeSet(attrs.Of(v.Metric, s))
	switch in := v.instrument.(type) {
	case metric.Int64Observable:
		o.ObserveInt64(in, int64(v.figure(s)), with)
	case metric.Float64Observable:
		o.ObserveFloat64(in, v.figure(s), with)
	}
}

func newInstrument(meter metric.Meter, kind table.Kind, whole bool, name, unit, help string) (metric.Observable, error) {
	u, d := metric.WithUnit(unit), metric.WithDescription(help)
	switch {
	case kind == table.Counter && whole:
		return meter.Int64ObservableCounter(name, u, d)
	case kind == table.Counter:
		return meter.Float64ObservableCounter(name, u, d)
	case kind == table.UpDown && whole:
		return meter.Int64ObservableUpDownCounter(name, u, d)
	case kind == table.UpDown:
		return meter.Float64ObservableUpDownCounter(name, u, d)
	case whole:
		return meter.Int64ObservableGauge(name, u, d)
	default:
		return meter.Float64ObservableGauge(name, u, d)
	}
}
