package sockets

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

// loadProgram is the project's own client.
var loadProgram = peer("load")

// loader is work for it.
type loader struct {
	mode        string
	conns, size int
	item        string // "req": what it counts
}

// loadReport is what it prints.
type loadReport struct {
	Items, Bytes, Lost, Seconds float64
	P50                         float64          `json:"p50_us"`
	P99                         float64          `json:"p99_us"`
	Metrics                     []measure.Metric // of the open loop
}

// load runs it for about d.
func (x site) load(d time.Duration, args ...string) (r loadReport, err error) {
	out, err := x.client(loadProgram, d, args...)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(out, &r); err != nil {
		return r, fmt.Errorf("load: %w in %q", err, out)
	}
	if r.Items == 0 || r.Seconds == 0 {
		return r, fmt.Errorf("load: %w: %s", errNothing, out)
	}
	return r, nil
}

// byItem gives the server's processor time per item, in microseconds.
func (l loader) byItem(check func(addr string) error) load {
	return load{per: 1, unit: "cpu-us/" + l.item, scale: 1e6, check: check, run: l.run}
}

// byGB gives it per 10^9 bytes, in milliseconds.
func (l loader) byGB(check func(addr string) error) load {
	run := func(x site, d time.Duration) (outcome, error) {
		did, bytes, err := l.report(x, d)
		did.items = bytes
		return did, err
	}
	return load{per: 1e9, unit: "cpu-ms/GB", scale: 1e3, check: check, run: run}
}

func (l loader) run(x site, d time.Duration) (outcome, error) {
	did, _, err := l.report(x, d)
	return did, err
}

func (l loader) report(x site, d time.Duration) (did outcome, bytes float64, err error) {
	r, err := x.load(d, "-mode", l.mode, "-addr", x.addr, "-conns", strconv.Itoa(l.conns), "-size", strconv.Itoa(l.size),
		"-for", d.String())
	if err != nil {
		return did, 0, err
	}
	did = outcome{r.Items, []measure.Metric{
		{Value: r.Items / r.Seconds, Unit: l.item + "/s"},
		{Value: r.P50, Unit: "p50-us"},
		{Value: r.P99, Unit: "p99-us"},
	}}
	if l.mode == "udp-echo" || l.mode == "udp-bulk" {
		did.metrics = append(did.metrics, measure.Metric{Value: 100 * r.Lost / (r.Items + r.Lost), Unit: "%lost"})
	}
	return did, r.Bytes, nil
}
