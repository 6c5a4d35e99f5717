package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pushcore/pushcore/group/debug"
	"github.com/pushcore/pushcore/group/metrics/internal/table"
)

// NewCollector returns a collector for Prometheus that shows the sources. A registry takes one of them, with all sources
// that it is to show: a second one is refused, as its metrics are the same.
//
// A scrape takes one snapshot of each source. That costs the workers nothing, but that others than they use a processor:
// a quarter of a millisecond for each worker (go test -bench Gather). Scrapes may come at any time, and together; also
// before the start and after the end of what they show.
//
// It panics if a source is nil.
func NewCollector(sources ...debug.Source) prometheus.Collector {
	if err := table.Check(sources); err != nil {
		panic(err)
	}
	c := &collector{sources: sources, descs: make([]*prometheus.Desc, len(table.All))}
	for i := range table.All {
		m := &table.All[i]
		c.descs[i] = prometheus.NewDesc(m.Prometheus(), m.Help, m.Labels, nil)
	}
	return c
}

type collector struct {
	sources []debug.Source
	descs   []*prometheus.Desc // of table.All
}

func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range c.descs {
		ch <- d
	}
}

func (c *collector) Collect(ch chan<- prometheus.Metric) {
	snapshots := table.Take(c.sources)
	for i := range table.All {
		m, desc := &table.All[i], c.descs[i]
		m.Read(snapshots, func(s table.Sample) { ch <- constant(m, desc, s) })
	}
}

// constant makes what Prometheus takes. It cannot fail: the labels are those of the table, and valid.
func constant(m *table.Metric, desc *prometheus.Desc, s table.Sample) prometheus.Metric {
	switch m.Kind {
	case table.Counter:
		return prometheus.MustNewConstMetric(desc, prometheus.CounterValue, s.Value, s.Labels...)
	case table.Histogram:
		d := &s.Distribution
		below, buckets := uint64(0), make(map[float64]uint64, len(d.Bounds))
		for i, bound := range d.Bounds {
			below += d.Counts[i]
			buckets[bound] = below
		}
		return prometheus.MustNewConstHistogram(desc, d.Count(), d.Sum, buckets, s.Labels...)
	default:
		return prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, s.Value, s.Labels...)
	}
}
