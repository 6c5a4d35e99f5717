package producer_test

import (
	"context"
	"fmt"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
	"github.com/pushcore/pushcore/group/metrics/producer"
)

// How many tasks came at a time. A program has a reader that exports, in place of this one.
func ExampleNew() {
	g, err := group.New(group.Config[exec.Task]{Name: "work", Workers: 1})
	if err != nil {
		panic(err)
	}
	p, err := producer.New(g)
	if err != nil {
		panic(err)
	}
	reader := sdkmetric.NewManualReader(sdkmetric.WithProducer(p))
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	defer func() { _ = provider.Shutdown(context.Background()) }()

	if err := g.Start(); err != nil {
		panic(err)
	}
	for range 3 {
		_ = g.Send(context.Background(), exec.Func(func(*exec.Local) {}))
	}
	if _, err := g.Drain(context.Background()); err != nil {
		panic(err)
	}

	var rm metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &rm); err != nil {
		panic(err)
	}
	for _, m := range rm.ScopeMetrics[0].Metrics {
		if m.Name != "pushcore.inbox.batch_size" {
			continue
		}
		for _, d := range m.Data.(metricdata.Histogram[float64]).DataPoints {
			if inbox, _ := d.Attributes.Value("pushcore.inbox"); inbox.AsString() == "new" {
				fmt.Println(m.Name, inbox.AsString(), d.Sum)
			}
		}
	}
	// Output: pushcore.inbox.batch_size new 3
}
