package metrics_test

import (
	"context"
	"fmt"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group/debug"
	"github.com/pushcore/pushcore/group/metrics"
)

// An Exec that is in no group, through a meter. A program has a reader that exports, in place of this one.
func ExampleObserve() {
	x, err := exec.New(exec.Config{Name: "loop"})
	if err != nil {
		panic(err)
	}
	reader := sdkmetric.NewManualReader()
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	defer func() { _ = provider.Shutdown(context.Background()) }()
	registration, err := metrics.Observe(provider.Meter("example"), debug.Execs("mine", x))
	if err != nil {
		panic(err)
	}
	defer func() { _ = registration.Unregister() }()

	var rm metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &rm); err != nil {
		panic(err)
	}
	for _, m := range rm.ScopeMetrics[0].Metrics {
		if m.Name == "pushcore.exec.turns" {
			fmt.Println(m.Name, m.Unit, m.Data.(metricdata.Sum[int64]).DataPoints[0].Value)
		}
	}
	// Output: pushcore.exec.turns {turn} 0
}
