package sockets

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/pushcore/pushcore/bench/internal/measure"
)

// opener is what the project's client sends when requests are due, whatever has become of those before.
type opener struct {
	mode        string
	conns, size int
	limit       time.Duration // what takes longer is lost
}

// The limits. What UDP has not brought back by then, the closed loop calls lost, too.
const (
	mostAge    = time.Second
	mostAgeUDP = 50 * time.Millisecond
)

// latencyWindow is how long a server is loaded for a row of latency.
const latencyWindow = time.Second

// withLatency puts the rows of latency behind those that they belong to: the same servers, at each share of the pace.
func withLatency(rows []row) (all []row) {
	for _, r := range rows {
		all = append(all, r)
		if r.latency == nil {
			continue
		}
		for _, percent := range ages.Loads {
			l := r
			l.name = fmt.Sprintf("%s/latency/load=%d", r.name, percent)
			l.does = fmt.Sprintf("age of answers to requests that are due at even distances, at %d %% of the pace", percent)
			l.wants, l.rounds, l.amount = nil, 0, int(latencyWindow.Milliseconds())
			l.measure = func(x site) (measure.Sample, error) { return r.latency(x, percent) }
			all = append(all, l)
		}
	}
	return all
}

// latency returns how ages are measured of what w loads. The pace is what w has just reached with the same process, and
// its own client, in the time that warms the server up.
func (w load) latency(o opener) func(x site, percent int) (measure.Sample, error) {
	return func(x site, percent int) (got measure.Sample, err error) {
		span := x.span()
		before, err := w.warm(x, min(span, mostWarmUp))
		if err != nil {
			return got, err
		}
		rate := before.rate() * float64(percent) / 100
		did, costs, err := w.watch(x, func() (outcome, error) { return o.run(x, span, rate) })
		if err != nil {
			return got, err
		}
		return measure.Sample{Items: did.items, Metrics: append(did.metrics, costs...)}, nil
	}
}

// rate is the metric that is one.
func (o outcome) rate() float64 {
	for _, m := range o.metrics {
		if strings.HasSuffix(m.Unit, "/s") {
			return m.Value
		}
	}
	return 0
}

// run runs the client, which says itself what it has found.
func (o opener) run(x site, d time.Duration, rate float64) (did outcome, err error) {
	r, err := x.load(d+o.limit, "-mode", o.mode, "-addr", x.addr, "-conns", strconv.Itoa(o.conns), "-for", d.String(),
		"-size", strconv.Itoa(max(1, o.size)), "-limit", o.limit.String(), "-rate", strconv.FormatFloat(rate, 'f', 3, 64))
	return outcome{r.Items, r.Metrics}, err
}
