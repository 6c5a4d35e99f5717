package main

import (
	"context"
	"crypto/tls"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
	"github.com/pushcore/pushcore/group/debug"
)

// proxy is the workers and the monitor. Its methods are for ordinary goroutines.
type proxy struct {
	cfg     *config
	addr    string // that it listens on
	monitor *monitor
	workers []*worker
	began   time.Time
	onStall func(exec.Stall) // of all Execs; nil: they log

	roster atomic.Pointer[roster]
	tls    *netio.TLSConfig // nil: clients speak without
	cert   atomic.Pointer[tls.Certificate]
	open   atomic.Int64 // clients of all workers; changed once per connection, for max_connections
	ending atomic.Bool  // what is closed from now on is cut
}

// start starts a proxy. notify is told what happens to upstreams, and onStall of stalls, by any goroutine.
func start(c *config, notify func(event string), onStall func(exec.Stall)) (*proxy, error) {
	p := &proxy{cfg: c, addr: c.listen, began: time.Now(), onStall: onStall}
	if c.tls.on() {
		p.cert.Store(c.tls.pair)
		p.tls = c.tls.server(&p.cert)
	}
	var err error
	if p.monitor, err = newMonitor(c, &p.roster, notify, onStall); err != nil {
		return nil, err
	}
	if err := p.monitor.x.Start(); err != nil {
		return nil, err
	}
	for id := range c.workerCount() {
		w, err := newWorker(p, id)
		if err == nil {
			err = w.x.Start()
		}
		if err != nil {
			p.stop()
			return nil, err
		}
		p.workers = append(p.workers, w)
		p.addr = w.ln.Addr().String() // the port that the first one was given, if it was any
	}
	return p, nil
}

// sources show the workers, by their numbers, and the monitor apart: it has next to nothing to do, and among the workers
// that would look as if they were uneven.
func (p *proxy) sources() []debug.Source {
	var xs []*exec.Exec
	for _, w := range p.workers {
		xs = append(xs, w.x)
	}
	return []debug.Source{debug.Execs("proxy", xs...), debug.Execs("health", p.monitor.x)}
}

// drain stops accepting, waits until the connections that are open end by themselves, or ctx
// ends, and then ends the proxy. Connections that are cut are in the stats.
func (p *proxy) drain(ctx context.Context) {
	for _, w := range p.workers {
		_, _ = exec.Call(context.Background(), w.x, func(*exec.Local) (struct{}, error) {
			return struct{}{}, w.ln.Close()
		})
	}
	every := time.NewTicker(5 * time.Millisecond)
	defer every.Stop()
	for p.open.Load() > 0 {
		select {
		case <-ctx.Done():
			p.stop()
			return
		case <-every.C:
		}
	}
	p.stop()
}

// stop ends the proxy.
func (p *proxy) stop() {
	p.ending.Store(true)
	for _, w := range p.workers {
		w.cut()
		w.x.Stop()
	}
	for _, w := range p.workers {
		_ = w.x.Wait()
	}
	p.monitor.x.Stop()
	_ = p.monitor.x.Wait()
}

// reload takes over the upstreams, the balancing, the health checks and the certificate of a
// configuration.
// Connections that are open stay where they are.
func (p *proxy) reload(c *config) error {
	_, err := exec.Call(context.Background(), p.monitor.x, func(*exec.Local) (struct{}, error) {
		return struct{}{}, p.monitor.load(c)
	})
	if err == nil && p.tls != nil && c.tls.on() {
		p.cert.Store(c.tls.pair)
	}
	return err
}

// unlike reports whether c differs from what runs in what reload does not take over.
func (p *proxy) unlike(c *config) bool {
	old, now := *p.cfg, *c
	if old.tls.on() == now.tls.on() {
		old.tls, now.tls = tlsConfig{timeout: old.tls.timeout}, tlsConfig{timeout: now.tls.timeout}
	}
	for _, cfg := range []*config{&old, &now} {
		cfg.upstreams, cfg.balance, cfg.health = nil, "", healthConfig{}
	}
	return !reflect.DeepEqual(old, now)
}
