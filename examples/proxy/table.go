package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// interval is what has happened between two looks.
type interval struct {
	before, now Stats
	seconds     float64
	at          time.Duration
}

func (v *interval) rate(now, before uint64) float64 { return float64(now-before) / v.seconds }

// busy is how much of the time a worker had something to do, in percent.
func (v *interval) busy(i int) float64 {
	return min(100, 100*(v.now.Workers[i].Busy-v.before.Workers[i].Busy).Seconds()/v.seconds)
}

// table is the long form.
func (v *interval) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%6s  %4s  %6s  %6s  %8s  %9s  %9s  %9s\n", "worker", "busy", "open", "idle", "conns/s", "reads/s", "writes/s", "MB/s")
	for i, w := range v.now.Workers {
		o := &v.before.Workers[i]
		cpu := ""
		if w.CPUs != "" {
			cpu = "  cpu " + w.CPUs
		}
		fmt.Fprintf(&b, "%6d  %3.0f%%  %6d  %6d  %8.0f  %9.0f  %9.0f  %9.1f%s\n", w.ID, v.busy(i), w.Open, w.Idle,
			v.rate(w.Accepted, o.Accepted), v.rate(w.Reads, o.Reads), v.rate(w.Writes, o.Writes),
			v.rate(w.Upstream.Out+w.Downstream.Out, o.Upstream.Out+o.Downstream.Out)/1e6, cpu)
	}
	fmt.Fprintf(&b, "\n%-22s  %-8s  %6s  %8s  %8s\n", "upstream", "state", "open", "total", "failures")
	for _, u := range v.now.Upstreams {
		fmt.Fprintf(&b, "%-22s  %-8s  %6d  %8d  %8d\n", u.Address, u.State, u.Open, u.Total, u.Failures)
	}
	if l := v.load(); l != "" {
		fmt.Fprintf(&b, "\n%s\n", l)
	}
	return b.String()
}

// short is one line.
func (v *interval) short() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%5.1fs  ", v.at.Seconds())
	if l := v.load(); l != "" {
		b.WriteString(l)
	} else {
		fmt.Fprintf(&b, "%d open  %.1f MB/s", v.now.Open, v.rate(v.now.BytesOut, v.before.BytesOut)/1e6)
	}
	b.WriteString("  busy")
	for i := range v.now.Workers {
		fmt.Fprintf(&b, " %.0f%%", v.busy(i))
	}
	b.WriteString("  upstreams")
	for _, u := range v.now.Upstreams {
		fmt.Fprintf(&b, " %s:%d", u.State, u.Open)
	}
	return b.String()
}

// load is what the clients have seen, or "".
func (v *interval) load() string {
	if v.now.Load == nil {
		return ""
	}
	times := v.now.Load.times.since(&v.before.Load.times)
	return fmt.Sprintf("%.0f requests/s  p50 %s  p99 %s", v.rate(v.now.Load.Requests, v.before.Load.Requests),
		timeText(times.quantile(0.50)), timeText(times.quantile(0.99)))
}

// summary is what is printed at the end.
func (s *Stats) summary() string {
	var b strings.Builder
	n := &s.Total
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-13s %s\n", name, fmt.Sprintf(format, args...))
	}
	b.WriteString("\n")
	line("connections", "%d in %.1f s: %d finished, %d broken, %d idle, %d too old, %d cut", n.Accepted, s.Seconds, n.Finished, n.Broken, n.Idle, n.Lifetime, n.Cut)
	if n.Handshakes+n.BadHandshakes > 0 {
		line("handshakes", "%d done, %d failed", n.Handshakes, n.BadHandshakes)
	}
	if n.Refused+n.BadHeaders+n.Unserved > 0 {
		line("refused", "%d too many, %d with a bad header, %d without an upstream", n.Refused, n.BadHeaders, n.Unserved)
	}
	line("connects", "%d failed, %d retried on another upstream", n.ConnectErrors, n.Retries)
	lost := ""
	if s.BytesLost > 0 {
		lost = fmt.Sprintf(" + %s for which there was nobody left", commas(s.BytesLost))
	}
	line("bytes", "%s in = %s out%s", commas(s.BytesIn), commas(s.BytesOut), lost)
	for _, w := range s.Workers {
		line(fmt.Sprintf("worker %d", w.ID), "%d connections, %s, %d reads, %d writes, %d polls, busy for %.1f s", w.Accepted,
			sizeText(w.Upstream.Out+w.Downstream.Out), w.Reads, w.Writes, w.Polls, w.Busy.Seconds())
	}
	for _, u := range s.Upstreams {
		line("upstream", "%s: %d connections, %d failures, %s", u.Address, u.Total, u.Failures, u.State)
	}
	if l := s.Load; l != nil {
		line("requests", "%s, %.0f per second, p50 %s, p99 %s", commas(l.Requests), l.PerSecond, timeText(l.P50), timeText(l.P99))
		line("errors", "%d (%d connections were lost with the upstream that failed, and made again)", l.Errors, l.Cut)
	}
	return b.String()
}

// timeText writes a duration with three digits at most.
func timeText(d time.Duration) string {
	switch {
	case d >= time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d >= time.Millisecond:
		return fmt.Sprintf("%.2f ms", d.Seconds()*1e3)
	}
	return fmt.Sprintf("%.0f us", d.Seconds()*1e6)
}

// commas writes a number so that it can be read.
func commas(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// sizeText writes a number of bytes.
func sizeText(n uint64) string {
	switch {
	case n >= 10e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 10e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n >= 10e3:
		return fmt.Sprintf("%.1f KB", float64(n)/1e3)
	}
	return fmt.Sprintf("%d B", n)
}
