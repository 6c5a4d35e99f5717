package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pushcore/pushcore/group/debug"
)

// Parts of the duration of the demonstration.
const (
	failsAt    = 0.35 // an upstream fails
	recoversAt = 0.60 // and is back
)

// demoConfig is what the flags change in the demonstration: all happens within seconds, and there
// is room for the clients.
func demoConfig(clients int) *config {
	c := defaultConfig()
	c.maxConnections = max(c.maxConnections, demoConnections(clients))
	c.health = healthConfig{
		interval: 500 * time.Millisecond, timeout: 500 * time.Millisecond, rise: 2, fall: 3,
		failures: 3, eject: time.Second, ejectMax: 2 * time.Second,
	}
	return c
}

// demoConnections is how many connections there may be at once: when a client makes a new one, the
// proxy may not have seen the end of the one before.
func demoConnections(clients int) int { return 2 * clients }

// notForDemo says why a field cannot be set in the demonstration, or "".
func (f *field) notForDemo() string {
	head, _, _ := strings.Cut(f.path, ".")
	switch head {
	case "tls":
		return "whose clients know no TLS"
	case "proxy_protocol":
		return "whose clients and upstreams know no such header"
	case "idle_timeout", "max_lifetime":
		return "whose clients take a connection that the proxy closes for one that is lost"
	}
	return ""
}

// demo starts upstreams, a proxy and clients, and shows what happens.
func (s *shell) demo(ctx context.Context, o *options) (err error) {
	// A client, its connection at the proxy, that to the upstream, and what the upstream has of it.
	if lack := lackOfDescriptors(fmt.Sprintf("%d clients (-clients)", o.clients), 4*o.clients, o.config.workerCount()); lack != "" {
		return errors.New(lack)
	}
	out := newScreen(s.stdout, s.terminal && !o.json)
	if o.json {
		out = newScreen(s.stderr, false)
	}
	watcher, err := s.observe(o, out)
	if err != nil {
		return err
	}
	defer watcher.Close()
	k, err := startCluster(3, watcher.OnStall)
	if err != nil {
		return err
	}
	defer k.stop()
	c := o.config
	c.listen, c.upstreams = "127.0.0.1:0", k.addrs()
	began := time.Now()
	p, err := start(c, func(event string) { out.line(fmt.Sprintf("%5.1fs  %s", time.Since(began).Seconds(), event)) }, watcher.OnStall)
	if err != nil {
		return err
	}
	d, err := startLoad(p.addr, o.clients, o.size, watcher.OnStall)
	if err != nil {
		p.stop()
		return err
	}
	if err := watcher.Show(append(p.sources(), debug.Execs("demo", d.x, k.x))...); err != nil {
		p.stop()
		d.finish(0)
		return err
	}
	out.line(fmt.Sprintf("Demonstration: %d clients send %s to %s and compare the echo; %d workers pass it on to 3 upstreams.", o.clients, sizeText(uint64(o.size)), p.addr, len(p.workers)))

	end, stop := timeLimit(ctx, o.duration)
	defer stop()
	fails := time.After(time.Duration(failsAt * float64(o.duration)))
	recovers := time.After(time.Duration(recoversAt * float64(o.duration)))
	watch := newWatch(p, out, o)
	for end.Err() == nil {
		select {
		case <-end.Done():
		case <-fails:
			d.expect(true)
			out.line(fmt.Sprintf("%5.1fs  upstream %s fails (on purpose)", time.Since(began).Seconds(), k.failing().addr))
			err = errors.Join(err, k.do(k.failing().fail))
		case <-recovers:
			d.expect(false)
			out.line(fmt.Sprintf("%5.1fs  upstream %s is back", time.Since(began).Seconds(), k.failing().addr))
			err = errors.Join(err, k.do(k.failing().listen))
		case <-watch.C:
			watch.show(p.stats(), d.stats())
		}
	}
	watch.stop()
	seconds := time.Since(began).Seconds()
	d.finish(5 * time.Second)
	grace, cancel := context.WithTimeout(context.Background(), c.drain)
	defer cancel()
	p.drain(grace)
	st := p.stats()
	st.Load = d.stats()
	st.Load.PerSecond = float64(st.Load.Requests) / seconds
	return errors.Join(err, s.report(st, o), st.verify())
}

// verify finds what must not be.
func (s *Stats) verify() error {
	switch {
	case s.BytesIn != s.BytesOut+s.BytesLost:
		return fmt.Errorf("%d bytes came in, %d went out and %d were lost: this is a defect of proxy", s.BytesIn, s.BytesOut, s.BytesLost)
	case s.Load.Errors > 0:
		return fmt.Errorf("%d errors, the first one: %s", s.Load.Errors, s.Load.FirstError)
	}
	return nil
}
