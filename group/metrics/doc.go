// Package metrics shows groups and Execs to Prometheus and to OpenTelemetry.
//
//	prometheus.MustRegister(metrics.NewCollector(g))
//	http.Handle("/metrics", promhttp.Handler())
//
// What a metric means, and what to do when it is high, is in docs/observability.md; a dashboard for Grafana is in
// grafana/pushcore.json, and rules for alerts are in alerts.yml.
//
// # Labels
//
// Every series says which group it is of, and those of workers also the worker's id and the name of its Exec, which is
// the group's name and the id unless it has got another one. There is one series for a metric and worker, inbox or
// source, and none for a lane, a key or a connection, so their number depends on how the program is built and not on
// its load. Things that have the same name are told apart: the second inbox "in" of an Exec is shown as "in#2", and so
// is the second source of a collector.
//
// # Counters that start again
//
// What a worker counts begins at zero with the worker. When Group.Replace puts another one into its place, or Add gives
// its id to a new one, its counters go back, and rate and increase take that for a restart, as they should. The
// counters of the group (pushcore_group_...) include workers that are no more. They are sums of moments close to each
// other.
package metrics
