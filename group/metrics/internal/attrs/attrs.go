// Package attrs makes attributes of OpenTelemetry from the labels of the table.
package attrs

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/pushcore/pushcore/group/metrics/internal/table"
)

// Scope is the instrumentation scope: the package that users import.
const Scope = "github.com/pushcore/pushcore/group/metrics"

// Of returns the attributes of a sample: its labels, in the namespace of this project.
func Of(m *table.Metric, s table.Sample) attribute.Set {
	kvs := make([]attribute.KeyValue, len(m.Labels))
	for i, name := range m.Labels {
		kvs[i] = attribute.String("pushcore."+name, s.Labels[i])
	}
	return attribute.NewSet(kvs...)
}
