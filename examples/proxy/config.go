package main

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/pushcore/pushcore/exec/place"
)

// config is what a proxy is told, by a file and by flags. See fields.go for how each value is
// written.
type config struct {
	listen    string
	upstreams []string
	workers   int // 0: as many as cpus, or one for each processor that is allowed
	cpus      place.Set
	spin      time.Duration
	balance   string
	buffer    int

	connectTimeout time.Duration
	connectRetries int
	idleTimeout    time.Duration // 0: none
	maxLifetime    time.Duration // 0: none
	maxConnections int
	drain          time.Duration

	health healthConfig
	header headerConfig
	tls    tlsConfig
}

// healthConfig is how it is found out whether an upstream can be used.
type healthConfig struct {
	interval, timeout time.Duration // of active checks; an interval of 0: there are none
	rise, fall        int
	failures          int           // connects in a row that eject; 0: none do
	eject, ejectMax   time.Duration // how long, at first and at most
}

// headerConfig is what is done with PROXY protocol headers.
type headerConfig struct {
	accept  string // "off", "v1", "v2" or "any"
	send    string // "off", "v1" or "v2"
	timeout time.Duration
}

// Bounds beyond which a value is a slip of the finger.
const (
	maxWorkers     = 256
	maxUpstreams   = 1024
	maxConnections = 1 << 22
	maxDuration    = 10 * 365 * 24 * time.Hour
)

func defaultConfig() *config {
	return &config{
		balance: "round-robin", buffer: 64 << 10, spin: -1,
		connectTimeout: 3 * time.Second, connectRetries: 2,
		idleTimeout: 5 * time.Minute, maxConnections: 10_000, drain: 10 * time.Second,
		health: healthConfig{
			interval: 2 * time.Second, timeout: time.Second, rise: 2, fall: 3,
			failures: 3, eject: 5 * time.Second, ejectMax: time.Minute,
		},
		header: headerConfig{accept: "off", send: "off", timeout: 3 * time.Second},
		tls:    tlsConfig{timeout: 10 * time.Second},
	}
}

// check finds what no single field shows.
func (c *config) check() error {
	switch {
	case c.listen == "":
		return errors.New("listen is missing: the address to accept connections on, such as :8080")
	case len(c.upstreams) == 0:
		return errors.New("upstreams is missing: the addresses to connect to, such as 10.0.0.1:80")
	}
	if to, err := netip.ParseAddrPort(c.listen); err == nil {
		for _, u := range c.upstreams {
			if a, err := netip.ParseAddrPort(u); err == nil && a == to {
				return fmt.Errorf("upstreams has %s, which is the address of listen: the proxy would connect to itself", u)
			}
		}
	}
	return c.checkRest()
}

// checkRest is check for all but the addresses.
func (c *config) checkRest() error {
	switch {
	case len(c.cpus) > 0 && c.workers > 0 && len(c.cpus) != c.workers:
		return fmt.Errorf("cpus names %d cpus for %d workers: it must name one for each", len(c.cpus), c.workers)
	case c.health.ejectMax < c.health.eject:
		return fmt.Errorf("eject.max is %v: it must be at least eject.time, which is %v", c.health.ejectMax, c.health.eject)
	}
	return c.tls.check()
}

// workerCount is how many workers there are.
func (c *config) workerCount() int {
	switch {
	case c.workers > 0:
		return c.workers
	case len(c.cpus) > 0:
		return len(c.cpus)
	}
	set, err := place.Allowed()
	if err != nil || len(set) == 0 {
		return 1
	}
	return min(len(set), maxWorkers)
}
