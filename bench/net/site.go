package main

import "time"

// site is a server that runs, and what it takes to measure it.
type site struct {
	s      *session
	row    row
	server *process
	addr   string
	window time.Duration
	first  bool // of this server: nobody has checked its answers
}

// client runs one of the programs that load servers, on the cpus of the client, for about d.
func (x site) client(p program, d time.Duration, args ...string) ([]byte, error) {
	path, err := x.s.programs.path(p)
	if err != nil {
		return nil, err
	}
	return run(x.s.clientCPUs(x.row), d+patience, append([]string{path}, args...)...)
}

// outcome is what a client has to say of one run.
type outcome struct {
	items   float64
	metrics []metric
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

// warmUp is how long a server is loaded before it counts.
const warmUp = time.Second

// measure checks that the server does what it should, warms it up, and loads it while its processor time is taken.
func (w load) measure(x site) (sample, error) {
	if x.first && w.check != nil {
		if err := w.check(x.addr); err != nil {
			return sample{}, err
		}
	}
	if w.prepare != nil {
		if err := w.prepare(x); err != nil {
			return sample{}, err
		}
	}
	if _, err := w.run(x, min(warmUp, x.window)); err != nil {
		return sample{}, err
	}
	before, err := x.server.cpu()
	if err != nil {
		return sample{}, err
	}
	begin := time.Now()
	did, err := w.run(x, x.window)
	if err != nil {
		return sample{}, err
	}
	took := time.Since(begin)
	after, err := x.server.cpu()
	if err != nil {
		return sample{}, err
	}
	used := (after - before).Seconds()
	return sample{items: did.items, metrics: append([]metric{
		{used * w.scale * w.per / did.items, w.unit},
		{100 * used / took.Seconds(), "server-%core"},
	}, did.metrics...)}, nil
}
