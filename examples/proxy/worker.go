package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
	"github.com/pushcore/pushcore/exec/place"
)

// worker is one core of the proxy: an Exec with a listener of its own, which shares the address
// with those of the others. A client's connection and that to its upstream live here from
// accept to close, and only this loop touches what is below.
type worker struct {
	id    int
	proxy *proxy
	x     *exec.Exec

	r       *netio.Reactor
	ln      *netio.Listener
	picker  picker
	buffers buffers
	pump    netio.Handler
	pairs   map[*pair]struct{} // that are not closed
	count   counters
	usage   map[*upstream]*usage
}

// counters are what a worker has done. They are read by a call to its loop.
type counters struct {
	Accepted      uint64 `json:"accepted"`
	Refused       uint64 `json:"refused"`        // max_connections
	BadHeaders    uint64 `json:"bad_headers"`    // no PROXY protocol header, or a wrong one
	BadHandshakes uint64 `json:"bad_handshakes"` // no TLS, or none that both sides agree on, or not in time
	Unserved      uint64 `json:"unserved"`       // no upstream could be connected to
	Finished      uint64 `json:"finished"`       // both sides have ended well
	Broken        uint64 `json:"broken"`         // one side was reset or lost, and so was the other
	Idle          uint64 `json:"idle"`           // idle_timeout
	Lifetime      uint64 `json:"lifetime"`       // max_lifetime
	Cut           uint64 `json:"cut"`            // the proxy has ended

	Handshakes    uint64 `json:"handshakes"` // of TLS that were done
	ConnectErrors uint64 `json:"connect_errors"`
	Retries       uint64 `json:"retries"`
	ReportsLost   uint64 `json:"reports_lost"` // failures that the monitor had no room for

	Upstream   flow `json:"upstream"`   // from clients to upstreams
	Downstream flow `json:"downstream"` // and back
}

// flow is what went in one direction: In is what was read, Out what was written, and Lost what
// was read and could not be written because the other side was gone. In = Out + Lost, but for
// what is in the buffers of connections that are open.
type flow struct {
	In     uint64 `json:"in"`
	Out    uint64 `json:"out"`
	Lost   uint64 `json:"lost"`
	Chunks uint64 `json:"chunks"` // reads that had something
	Slow   uint64 `json:"slow"`   // writes that had to wait for a slow reader
}

// usage is what a worker knows of an upstream.
type usage struct {
	open     int
	total    uint64 // connections that were made
	failures uint64 // and that could not be made
	failing  bool   // the last one could not be made: the monitor wants to know when one can
}

func newWorker(p *proxy, id int) (*worker, error) {
	w := &worker{id: id, proxy: p, usage: map[*upstream]*usage{}, pairs: map[*pair]struct{}{}}
	w.buffers.size = p.cfg.buffer
	w.pump = w.pass
	cfg := exec.Config{
		Name: fmt.Sprintf("proxy/%d", id), BestEffort: true, Spin: p.cfg.spin, OnStart: w.start, OnStall: p.onStall,
		// One timer and two coroutines for each connection at most, and some for all else.
		MaxTimers: 2*p.cfg.maxConnections + 64, MaxCoroutines: 2*p.cfg.maxConnections + 64,
	}
	if len(p.cfg.cpus) > 0 {
		cfg.CPUs = place.Of(p.cfg.cpus[id])
	}
	x, err := exec.New(cfg)
	w.x = x
	return w, err
}

// start opens the listener.
func (w *worker) start(l *exec.Local) (err error) {
	c := w.proxy.cfg
	// A connection that is one too many is there for as long as it takes to refuse it.
	w.r, err = netio.New(l, netio.Config{MaxConns: 2*c.maxConnections + 1024, ReadBuffer: 4 << 10})
	if err != nil {
		return err
	}
	w.ln, err = w.r.Listen("tcp", w.proxy.addr, netio.ListenConfig{
		Handle: w.serve, ReusePort: true, IdleTimeout: c.idleTimeout, MaxLifetime: c.maxLifetime,
	})
	return err
}

// serve is the handler of a client's connection: it finds an upstream, and passes on what
// comes whenever something does.
func (w *worker) serve(co *exec.Co, c *netio.Conn) error {
	if c.Data == nil && !w.open(co, c) {
		return nil
	}
	return w.pass(co, c)
}

// open connects a client to an upstream. If it cannot, the client is reset.
func (w *worker) open(co *exec.Co, c *netio.Conn) bool {
	w.count.Accepted++
	p := &pair{w: w, client: c, near: c}
	if open := w.proxy.open.Add(1); open > int64(w.proxy.cfg.maxConnections) {
		w.proxy.open.Add(-1)
		return w.refuse(c, &w.count.Refused)
	}
	w.pairs[p] = struct{}{}
	p.done.Init(co.Local())
	c.Data = p
	c.OnClose(closed)
	c.OnReset(lost)
	hello, err := w.greet(c)
	if err != nil {
		return !p.dead && w.refuse(c, &w.count.BadHeaders)
	}
	if w.proxy.tls != nil && !p.secureClient(w.proxy.tls) {
		return false
	}
	server, u := w.connect(co, keyOf(sourceOf(hello.source)))
	switch {
	case server != nil && p.dead: // the client was closed meanwhile
		w.release(u)
		_ = server.Close()
		return false
	case p.dead:
		return false
	case server == nil:
		return w.refuse(c, &w.count.Unserved)
	}
	p.attach(server, u)
	return p.begin(hello, w.proxy.cfg.header.send) && server.Serve(w.pump) == nil
}

// refuse has a client reset, rather than closed as if that were the end of an answer.
func (w *worker) refuse(c *netio.Conn, counter *uint64) bool {
	*counter++
	_ = c.SetLinger(0)
	_ = c.Close()
	return false
}

// connect connects to an upstream, and to another one if that fails.
func (w *worker) connect(co *exec.Co, key uint64) (*netio.Conn, *upstream) {
	var tried []*upstream
	for len(tried) <= w.proxy.cfg.connectRetries {
		w.follow(w.proxy.roster.Load())
		u := w.picker.pick(key, tried)
		if u == nil {
			return nil, nil
		}
		if len(tried) > 0 {
			w.count.Retries++
		}
		u.open.add(w.id, 1) // it counts from now on, so that not everyone picks it
		use := w.use(u)
		use.open++
		c, err := w.r.Dial("tcp", u.addr, netio.DialConfig{Timeout: w.proxy.cfg.connectTimeout})
		if err == nil {
			use.total++
			w.report(use, report{u, true})
			return c, u
		}
		w.release(u)
		w.count.ConnectErrors++
		if ours(err) || co.Err() != nil {
			return nil, nil
		}
		use.failures++
		w.report(use, report{u, false})
		tried = append(tried, u)
	}
	return nil, nil
}

// ours reports whether a connection could not be made for a reason that is no fault of the
// upstream.
func ours(err error) bool {
	for _, e := range []error{netio.ErrTooMany, netio.ErrDraining, exec.ErrTooMany, syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.EADDRNOTAVAIL} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// report tells the monitor of failures, and of the first success after them.
func (w *worker) report(use *usage, r report) {
	if r.ok && !use.failing {
		return
	}
	if !w.proxy.monitor.reports.TrySend(r) {
		w.count.ReportsLost++
		return
	}
	use.failing = !r.ok
}

// follow takes over a roster, and forgets upstreams that have gone.
func (w *worker) follow(r *roster) {
	if w.picker.roster == r {
		return
	}
	w.picker.update(r)
	for u, use := range w.usage {
		if use.open == 0 && !r.has(u) {
			delete(w.usage, u)
		}
	}
}

func (w *worker) use(u *upstream) *usage {
	use := w.usage[u]
	if use == nil {
		use = &usage{}
		w.usage[u] = use
	}
	return use
}

// release is told that a connection to u has ended.
func (w *worker) release(u *upstream) {
	u.open.add(w.id, -1)
	w.use(u).open--
}

// sourceOf returns the address of whom the client is.
func sourceOf(a net.Addr) netip.Addr {
	if tcp, ok := a.(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr()
	}
	return netip.Addr{}
}
