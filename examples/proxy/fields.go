package main

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pushcore/pushcore/exec/place"
)

// field is one setting. It is written the same way in a file, where path is its place
// ("health.interval"), and on the command line, where the flag is -health-interval.
type field struct {
	path string
	list func(c *config) // a list: set adds to it, and list empties it. Nil: a single value
	set  func(c *config, s string) error
}

// flag returns the name of the field's flag.
func (f *field) flag() string { return strings.NewReplacer(".", "-", "_", "-").Replace(f.path) }

var fields = []field{
	{"listen", nil, func(c *config, s string) error { return address(&c.listen, s, true) }},
	{"upstreams", func(c *config) { c.upstreams = nil }, addUpstream},
	{"workers", nil, func(c *config, s string) error { return number(&c.workers, s, 0, maxWorkers) }},
	{"cpus", nil, setCPUs},
	{"spin", nil, setSpin},
	{"balance", nil, func(c *config, s string) error { return choice(&c.balance, s, balances...) }},
	{"buffer", nil, func(c *config, s string) error { return size(&c.buffer, s, 1<<10, 16<<20) }},
	{"connect.timeout", nil, func(c *config, s string) error { return duration(&c.connectTimeout, s, time.Millisecond) }},
	{"connect.retries", nil, func(c *config, s string) error { return number(&c.connectRetries, s, 0, 100) }},
	{"idle_timeout", nil, func(c *config, s string) error { return duration(&c.idleTimeout, s, 0) }},
	{"max_lifetime", nil, func(c *config, s string) error { return duration(&c.maxLifetime, s, 0) }},
	{"max_connections", nil, func(c *config, s string) error { return number(&c.maxConnections, s, 1, maxConnections) }},
	{"drain", nil, func(c *config, s string) error { return duration(&c.drain, s, 0) }},
	{"health.interval", nil, func(c *config, s string) error { return duration(&c.health.interval, s, 0) }},
	{"health.timeout", nil, func(c *config, s string) error { return duration(&c.health.timeout, s, time.Millisecond) }},
	{"health.rise", nil, func(c *config, s string) error { return number(&c.health.rise, s, 1, 1000) }},
	{"health.fall", nil, func(c *config, s string) error { return number(&c.health.fall, s, 1, 1000) }},
	{"eject.failures", nil, func(c *config, s string) error { return number(&c.health.failures, s, 0, 1_000_000) }},
	{"eject.time", nil, func(c *config, s string) error { return duration(&c.health.eject, s, time.Millisecond) }},
	{"eject.max", nil, func(c *config, s string) error { return duration(&c.health.ejectMax, s, time.Millisecond) }},
	{"proxy_protocol.accept", nil, func(c *config, s string) error { return choice(&c.header.accept, s, "off", "v1", "v2", "any") }},
	{"proxy_protocol.send", nil, func(c *config, s string) error { return choice(&c.header.send, s, "off", "v1", "v2") }},
	{"proxy_protocol.timeout", nil, func(c *config, s string) error { return duration(&c.header.timeout, s, time.Millisecond) }},
	{"tls.cert", nil, func(c *config, s string) error { return c.tls.cert.read(s, "CERTIFICATE") }},
	{"tls.key", nil, func(c *config, s string) error { return c.tls.key.read(s, "PRIVATE KEY") }},
	{"tls.timeout", nil, func(c *config, s string) error { return duration(&c.tls.timeout, s, time.Millisecond) }},
}

// fieldAt returns the field of a path, or nil.
func fieldAt(path string) *field {
	i := slices.IndexFunc(fields, func(f field) bool { return f.path == path })
	if i < 0 {
		return nil
	}
	return &fields[i]
}

func addUpstream(c *config, s string) error {
	var a string
	if err := address(&a, s, false); err != nil {
		return err
	}
	switch {
	case slices.Contains(c.upstreams, a):
		return fmt.Errorf("%s is there twice: name each upstream once", a)
	case len(c.upstreams) == maxUpstreams:
		return fmt.Errorf("there are more than %d", maxUpstreams)
	}
	c.upstreams = append(c.upstreams, a)
	return nil
}

func setCPUs(c *config, s string) error {
	set, err := place.Parse(s)
	if err != nil {
		return err
	}
	if len(set) == 0 || len(set) > maxWorkers {
		return fmt.Errorf("%q names %d cpus: it must name 1 to %d, as in 1-3,5", s, len(set), maxWorkers)
	}
	c.cpus = set
	return nil
}

func setSpin(c *config, s string) error {
	if s == "off" {
		s = "0"
	}
	err := duration(&c.spin, s, 0)
	if c.spin == 0 {
		c.spin = -1 // for an Exec, 0 is its default
	}
	return err
}

// address reads host:port. A listener needs no host, and may have port 0.
func address(to *string, s string, listener bool) error {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return fmt.Errorf("%q is no address: write host:port, such as 127.0.0.1:8080 or [::1]:8080", s)
	}
	least := 1
	if listener {
		least = 0
	}
	if n, err := strconv.Atoi(port); err != nil || n < least || n > 65535 {
		return fmt.Errorf("%q has the port %q: it must be a number from %d to 65535", s, port, least)
	}
	if host == "" && !listener {
		return fmt.Errorf("%q has no host: write host:port, such as 127.0.0.1:8080", s)
	}
	*to = s
	return nil
}

func number(to *int, s string, least, most int) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < least || n > most {
		return fmt.Errorf("%q is not a number from %d to %d", s, least, most)
	}
	*to = n
	return nil
}

// size reads a number of bytes, with K or M for the usual multiples of 1024.
func size(to *int, s string, least, most int) error {
	digits, unit := s, 1
	if n := len(s); n > 0 {
		switch s[n-1] {
		case 'k', 'K':
			digits, unit = s[:n-1], 1<<10
		case 'm', 'M':
			digits, unit = s[:n-1], 1<<20
		}
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n > most/unit || n*unit < least {
		return fmt.Errorf("%q is not a number of bytes from %d to %d: write it as 65536 or 64K", s, least, most)
	}
	*to = n * unit
	return nil
}

func duration(to *time.Duration, s string, least time.Duration) error {
	d, err := time.ParseDuration(s)
	if err != nil {
		return fmt.Errorf("%q is not a duration: write it with a unit, such as 500ms, 2s or 5m", s)
	}
	if d < least || d > maxDuration {
		return fmt.Errorf("%q is out of range: it must be from %v to %v", s, least, maxDuration)
	}
	*to = d
	return nil
}

func choice(to *string, s string, choices ...string) error {
	if !slices.Contains(choices, s) {
		return fmt.Errorf("%q is none of %s", s, strings.Join(choices, ", "))
	}
	*to = s
	return nil
}
