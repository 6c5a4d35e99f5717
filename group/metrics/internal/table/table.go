// Package table is the one list of metrics: what each is called, what it counts, and how it is read from a snapshot.
// The adapters of Prometheus and OpenTelemetry show what is in it, and nothing else, so that they cannot drift apart.
package table

import (
	"slices"
	"strings"

	"github.com/pushcore/pushcore/group"
)

// Kind says how values of a metric relate to each other.
type Kind int

// The kinds of metrics.
const (
	Counter   Kind = iota // only grows
	UpDown                // of now; a sum over workers means something
	Gauge                 // of now; a sum means nothing
	Histogram             // samples have a Distribution
)

// Metric is one row of the table. Its name is that of OpenTelemetry, its unit one of UCUM: "s" for durations, "1" for
// ratios, "{item}" and the like for what is counted.
type Metric struct {
	Name string
	Kind Kind
	Unit string
	Help string
	reader
}

// Sample is a metric's value for one group, worker, inbox or source.
type Sample struct {
	Labels       []string // values, in the order of the names in Metric.Labels
	Value        float64
	Distribution Distribution // if it is a histogram
}

// All is the table. It must not be changed.
var All = slices.Concat(groups, workers, loops, turns, inboxes, sources, stalls, threads)

// Prometheus returns the name that Prometheus knows the metric by: it is made of the other one by the rules of
// OpenTelemetry's own exporter for Prometheus.
func (m *Metric) Prometheus() string {
	name := strings.ReplaceAll(m.Name, ".", "_")
	switch m.Unit {
	case "s":
		name += "_seconds"
	case "1":
		name += "_ratio"
	}
	if m.Kind == Counter {
		name += "_total"
	}
	return name
}

// Whole says whether values are whole numbers.
func (m *Metric) Whole() bool { return m.Unit != "s" && m.Unit != "1" }

// Read calls emit with each sample that the snapshots have. They must have come from Take.
func (m *Metric) Read(snapshots []group.Snapshot, emit func(Sample)) {
	for i := range snapshots {
		m.read(&snapshots[i], emit)
	}
}
