package main

import (
	"strconv"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// column is one figure of all workers.
type column struct {
	id    string // an order's name, if rows are sorted by it
	head  string // over its own name; neighbours with the same head share it
	name  string
	once  string // what -once calls it, without spaces
	width int    // of its figures
	text  func(*row) string
	tone  func(*row, time.Time) tone // nil: as text says
}

// Columns in the order in which they stand. Those before them, the name, the bar and the trend, are always there.
var columns = []column{
	{id: "work", head: "work", name: "/s", once: "WORK/S", width: 5,
		text: fresh(func(r *row) string { return count(r.work()) })},
	{id: "queue", head: "queue", name: "now", once: "QUEUE", width: 5,
		text: func(r *row) string { return count(float64(r.now.Depth)) }},
	{head: "queue", name: "max", once: "QUEUE_MAX", width: 5,
		text: func(r *row) string { return count(float64(r.now.MaxDepth)) }},
	{head: "delay", name: "p50", once: "DELAY_P50", width: 5,
		text: fresh(func(r *row) string { return quantile(&r.delay, .5) })},
	{id: "delay", head: "delay", name: "p99", once: "DELAY_P99", width: 5,
		text: fresh(func(r *row) string { return quantile(&r.delay, .99) })},
	{id: "run", head: "run", name: "p99", once: "RUN_P99", width: 5,
		text: fresh(func(r *row) string { return quantile(&r.run, .99) })},
	{head: "batch", name: "mean", once: "BATCH", width: 5,
		text: fresh(func(r *row) string { return count(r.batch()) })},
	{id: "stalls", head: "stall", name: "all", once: "STALLS", width: 5,
		text: func(r *row) string { return count(float64(r.now.Stalls)) },
		tone: func(r *row, now time.Time) tone {
			if r.stalledLately(now) {
				return alarm
			}
			return plainText
		}},
	{id: "rejects", head: "reject", name: "/s", once: "REJECTS/S", width: 6,
		text: rate(func(s *exec.Snapshot) uint64 { return s.Rejects }),
		tone: func(r *row, _ time.Time) tone {
			if r.rate(func(s *exec.Snapshot) uint64 { return s.Rejects }) > 0 {
				return warn
			}
			return plainText
		}},
	{head: "parks", name: "/s", once: "PARKS/S", width: 5,
		text: rate(func(s *exec.Snapshot) uint64 { return s.Parks })},
	{head: "wakes", name: "/s", once: "WAKES/S", width: 5,
		text: rate(func(s *exec.Snapshot) uint64 { return s.WakesReceived })},
	{head: "switch", name: "invol", once: "SWITCHES/S", width: 6,
		text: rate(func(s *exec.Snapshot) uint64 { return s.Thread.Involuntary })},
	{head: "on", name: "cpu", once: "CPU", width: 4, text: func(r *row) string {
		if r.now.Thread.ID == 0 {
			return "–"
		}
		return strconv.Itoa(r.now.Thread.CPU)
	}},
}

// precedence lists the columns that a narrow screen has room for, by name in -once: each needs those before it.
var precedence = []string{
	"WORK/S", "QUEUE", "DELAY_P99", "RUN_P99", "QUEUE_MAX", "DELAY_P50", "STALLS", "REJECTS/S", "BATCH", "PARKS/S",
	"WAKES/S", "SWITCHES/S", "CPU",
}

// fresh is f, and a dash for a worker that is not to be compared with anything yet.
func fresh(f func(*row) string) func(*row) string {
	return func(r *row) string {
		if r.fresh {
			return "–"
		}
		return f(r)
	}
}

func rate(counter func(*exec.Snapshot) uint64) func(*row) string {
	return fresh(func(r *row) string { return count(r.rate(counter)) })
}

// quantile is one of a histogram; a dash if nothing was counted.
func quantile(h *exec.Histogram, q float64) string {
	if h.Count() == 0 {
		return "–"
	}
	return span(h.Quantile(q))
}

// quiet says that a figure is nothing to look at.
func quiet(s string) bool { return s == "0" || s == "–" }
