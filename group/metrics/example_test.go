package metrics_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
	"github.com/pushcore/pushcore/group/metrics"
)

// A group's metrics on a port that only this machine can reach.
func ExampleNewCollector() {
	g, err := group.New(group.Config[string]{
		Name: "hello", Workers: 1,
		Worker: func(*exec.Local, int) (group.Handler[string], error) {
			return group.HandlerFunc[string](func(_ *exec.Local, batch []string) int { return len(batch) }), nil
		},
	})
	if err != nil {
		panic(err)
	}

	registry := prometheus.NewRegistry()
	registry.MustRegister(metrics.NewCollector(g))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	server := &http.Server{Handler: promhttp.HandlerFor(registry, promhttp.HandlerOpts{})}
	go func() { _ = server.Serve(l) }()
	defer server.Close()

	if err := g.Start(); err != nil {
		panic(err)
	}
	for range 3 {
		_ = g.Send(context.Background(), "world")
	}
	if _, err := g.Drain(context.Background()); err != nil {
		panic(err)
	}

	resp, err := http.Get("http://" + l.Addr().String() + "/metrics")
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "pushcore_group_executed_total") {
			fmt.Println(lines.Text())
		}
	}
	// Output: pushcore_group_executed_total{group="hello"} 3
}
