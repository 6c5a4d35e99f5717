package metrics_test

import (
	"context"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/group/metrics"
	"github.com/pushcore/pushcore/group/metrics/producer"
)

// What a scrape, or a collection, of one worker with two inboxes and a source costs: the snapshot not included.
func BenchmarkGather(b *testing.B) {
	g := onlyWorker()
	r := prometheus.NewRegistry()
	require.NoError(b, r.Register(metrics.NewCollector(g)))
	b.ReportAllocs()
	for b.Loop() {
		_, err := r.Gather()
		require.NoError(b, err)
	}
}

func BenchmarkProduce(b *testing.B) {
	p, err := producer.New(onlyWorker())
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		_, err := p.Produce(context.Background())
		require.NoError(b, err)
	}
}

func onlyWorker() fixed {
	g := filled()
	g.Members = g.Members[:1]
	x := &g.Members[0].Exec
	x.Inboxes = append(x.Inboxes, x.Inboxes[0])
	return fixed(g)
}
