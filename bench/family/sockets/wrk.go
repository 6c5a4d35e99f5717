package sockets

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

var wrkProgram = installed("wrk", "wrk")

// wrk is the HTTP client of the table.
type wrk struct {
	path           string
	threads, conns int
	pipeline       int // requests that are sent at once; 0: one
}

func (w wrk) load(check func(addr string) error) load {
	return load{per: 1, unit: "cpu-us/req", scale: 1e6, check: check, run: w.run}
}

// pipelineScript makes wrk send several requests at once. It then counts each response, and the time until the last.
const pipelineScript = `init = function(args)
  local all = {}
  for i = 1, tonumber(args[1]) do all[i] = wrk.format() end
  many = table.concat(all)
end
request = function() return many end
`

func (w wrk) run(x site, d time.Duration) (outcome, error) {
	d = max(d.Round(time.Second), time.Second) // it knows no fractions
	args := []string{"--latency", fmt.Sprintf("-t%d", w.threads), fmt.Sprintf("-c%d", w.conns),
		fmt.Sprintf("-d%.0fs", d.Seconds())}
	url := "http://" + x.addr + w.path
	if w.pipeline > 1 {
		script := filepath.Join(x.programs.dir, "pipeline.lua")
		if err := os.WriteFile(script, []byte(pipelineScript), 0o600); err != nil {
			return outcome{}, err
		}
		args = append(args, "-s", script, url, "--", strconv.Itoa(w.pipeline))
	} else {
		args = append(args, url)
	}
	out, err := x.client(wrkProgram, d, args...)
	if err != nil {
		return outcome{}, err
	}
	r, err := parseWrk(string(out))
	if err != nil {
		return outcome{}, fmt.Errorf("wrk: %w in %q", err, out)
	}
	if r.failed > 0 {
		return outcome{}, fmt.Errorf("data error: wrk had %d errors: %q", r.failed, out)
	}
	ms := []measure.Metric{{Value: r.perSecond, Unit: "req/s"}}
	if w.pipeline <= 1 { // of many at once it takes the time of the last, and of few of these
		ms = append(ms, measure.Metric{Value: r.p50.Seconds() * 1e6, Unit: "p50-us"},
			measure.Metric{Value: r.p99.Seconds() * 1e6, Unit: "p99-us"})
	}
	return outcome{float64(r.requests), append(ms, measure.Metric{Value: float64(r.timeouts), Unit: "timeouts"})}, nil
}

// wrkReport is what wrk prints.
type wrkReport struct {
	requests  int
	perSecond float64
	p50, p99  time.Duration
	failed    int // errors of sockets, and responses that are neither 2xx nor 3xx
	timeouts  int // responses that took more than two seconds
}

var (
	wrkTotal   = regexp.MustCompile(`(?m)^\s*(\d+) requests in `)
	wrkRate    = regexp.MustCompile(`(?m)^Requests/sec:\s+([\d.]+)`)
	wrkP50     = regexp.MustCompile(`(?m)^\s+50%\s+(\S+)`)
	wrkP99     = regexp.MustCompile(`(?m)^\s+99%\s+(\S+)`)
	wrkSockets = regexp.MustCompile(`Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)`)
	wrkStatus  = regexp.MustCompile(`Non-2xx or 3xx responses: (\d+)`)
)

func parseWrk(text string) (r wrkReport, err error) {
	number := func(re *regexp.Regexp, i int) (v float64) {
		m := re.FindStringSubmatch(text)
		if m == nil {
			return 0
		}
		v, e := strconv.ParseFloat(m[i], 64)
		err = errors.Join(err, e)
		return v
	}
	for _, must := range []*regexp.Regexp{wrkTotal, wrkRate, wrkP50, wrkP99} {
		if !must.MatchString(text) {
			return r, fmt.Errorf("no %q", must)
		}
	}
	r.requests = int(number(wrkTotal, 1))
	r.perSecond = number(wrkRate, 1)
	for i := 1; i <= 3; i++ {
		r.failed += int(number(wrkSockets, i))
	}
	r.timeouts = int(number(wrkSockets, 4))
	r.failed += int(number(wrkStatus, 1))
	var e1, e2 error
	r.p50, e1 = wrkTime(wrkP50.FindStringSubmatch(text)[1])
	r.p99, e2 = wrkTime(wrkP99.FindStringSubmatch(text)[1])
	if r.requests == 0 {
		err = errors.Join(err, errNothing)
	}
	return r, errors.Join(err, e1, e2)
}

// errNothing, wrapped, says that a client has done nothing in its time.
var errNothing = errors.New("no requests")

// wrkTime reads "499.59us", "1.20ms", "2.00s", "1.50m": nearly what Go writes.
func wrkTime(s string) (time.Duration, error) {
	return time.ParseDuration(strings.TrimSpace(s))
}
