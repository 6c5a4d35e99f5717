package sockets

import (
	"errors"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

// site is a server that runs, and what it takes to measure it.
type site struct {
	programs *programs
	cpus     []int // the client's
	server   *process
	addr     string
	n        int // how much is asked for: milliseconds, mostly
}

// client runs one of the programs that load servers, on the cpus of the client, for about d.
func (x site) client(p program, d time.Duration, args ...string) ([]byte, error) {
	path, err := x.programs.path(p)
	if err != nil {
		return nil, err
	}
	return run(x.cpus, d+patience, append([]string{path}, args...)...)
}

// outcome is what a client has to say of one run.
type outcome struct {
	items   float64
	metrics []measure.Metric
}

// load is work that a client does to a server for a while.
type load struct {
	per     float64 // processor time is given per so many items ...
	unit    string  // ... as this: "cpu-us/req" ...
	scale   float64 // ... of which there are so many in a second
	check   func(addr string) error
	prepare func(x site) error // if set, comes before each measurement
	run     func(x site, d time.Duration) (outcome, error)
}

const (
	mostWarmUp  = time.Second            // how long a server is loaded at most before it counts
	leastWindow = 200 * time.Millisecond // less is too short for connections to be opened
)

// span is how long the server is to be loaded: for as many milliseconds as are asked for.
func (x site) span() time.Duration { return max(time.Duration(x.n)*time.Millisecond, leastWindow) }

// measure checks that the server does what it should, warms it up, and loads it while its processor time is taken.
func (w load) measure(x site) (got measure.Sample, err error) {
	span := x.span()
	if _, err := w.warm(x, min(span/3, mostWarmUp)); err != nil && !errors.Is(err, errNothing) {
		return got, err
	}
	did, costs, err := w.watch(x, func() (outcome, error) { return w.run(x, span) })
	if err != nil {
		return got, err
	}
	return measure.Sample{Items: did.items, Metrics: append(costs, did.metrics...)}, nil
}

// warm checks the server, and loads it for the first time.
func (w load) warm(x site, d time.Duration) (did outcome, err error) {
	if w.check != nil {
		if err := w.check(x.addr); err != nil {
			return did, err
		}
	}
	if w.prepare != nil {
		if err := w.prepare(x); err != nil {
			return did, err
		}
	}
	return w.run(x, d)
}

// watch returns the server's processor time meanwhile, per item, and how busy it was.
func (w load) watch(x site, run func() (outcome, error)) (did outcome, costs []measure.Metric, err error) {
	before, err := x.server.cpu()
	if err != nil {
		return did, nil, err
	}
	begin := time.Now()
	if did, err = run(); err != nil {
		return did, nil, err
	}
	took := time.Since(begin)
	after, err := x.server.cpu()
	if err != nil {
		return did, nil, err
	}
	used := (after - before).Seconds()
	return did, []measure.Metric{
		{Value: used * w.scale * w.per / did.items, Unit: w.unit},
		{Value: 100 * used / took.Seconds(), Unit: "server-%core"},
	}, nil
}
