package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/pushcore/pushcore/examples/httpd/http1"
	"github.com/pushcore/pushcore/examples/internal/observe"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
	"github.com/pushcore/pushcore/group"
)

// worker is what one loop has.
type worker struct {
	r *netio.Reactor
	s *http1.Server
}

// serve runs the server until a signal comes, and prints what it has done.
func serve(o *options, out, errs io.Writer) error {
	watcher, err := observe.New(o.observe, errs, slog.Default())
	if err != nil {
		return err
	}
	defer watcher.Close()
	addr, err := freeAddr(o.addr)
	if err != nil {
		return err
	}
	var files http.Handler
	if o.root != "" {
		root, err := os.OpenRoot(o.root)
		if err != nil {
			return err
		}
		defer func() { _ = root.Close() }()
		files = fileServer(root)
	}
	loops := o.exec()
	loops.OnStall = watcher.OnStall
	workers := make([]worker, o.workers)
	begin := time.Now()
	g, err := group.New(group.Config[exec.Task]{
		Name:    "httpd",
		Workers: o.workers,
		CPUs:    o.cpus,
		Exec:    loops,
		Worker: func(l *exec.Local, id int) (group.Handler[exec.Task], error) {
			w, err := o.worker(l, addr, files)
			if err != nil {
				return nil, err
			}
			workers[id] = w
			if id == o.workers-1 {
				greet(out, o, addr)
			}
			return group.HandlerFunc[exec.Task](exec.RunTasks), nil
		},
	})
	if err != nil {
		return err
	}
	if err := watcher.Show(g); err != nil {
		return err
	}
	_, err = g.RunUntilSignal(o.grace)
	if workers[o.workers-1].s == nil {
		return err // it has not begun
	}
	return errors.Join(group.Failure(err), report(out, o, workers, time.Since(begin)))
}

// exec is what the loop of each worker has.
func (o *options) exec() exec.Config {
	// For each connection: timers of its idle timeout and of its two deadlines; its coroutine and
	// the one that reads on while an answer is made.
	n := o.connsEach()
	c := exec.Config{Spin: -1, MaxTimers: max(exec.DefaultMaxTimers, 3*n+http1.MaxRefused+64), MaxCoroutines: max(exec.DefaultMaxCoroutines, 2*n+http1.MaxRefused+64)}
	if o.spin > 0 {
		c.Spin = o.spin
	}
	return c
}

// connsEach is how many connections a worker may have.
func (o *options) connsEach() int { return (o.maxConns + o.workers - 1) / o.workers }

// freeAddr makes sure that nobody listens on addr, also not with SO_REUSEPORT: the kernel
// would give a part of the connections to him. Port 0 becomes a number.
func freeAddr(addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", err
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return "", err
	}
	defer func() { _ = ln.Close() }()
	if n, err := strconv.Atoi(port); err == nil && n == 0 {
		port = strconv.Itoa(ln.Addr().(*net.TCPAddr).Port)
	}
	return net.JoinHostPort(host, port), nil
}

// worker makes what one loop has, on that loop.
func (o *options) worker(l *exec.Local, addr string, files http.Handler) (w worker, err error) {
	w.r, err = netio.New(l, netio.Config{
		MaxConns:   o.connsEach() + http1.MaxRefused + 1, // one more, to be refused
		ReadBuffer: max(netio.DefaultReadBuffer, o.maxHeader),
	})
	if err != nil {
		return w, err
	}
	w.s, err = http1.New(w.r, routes(files), http1.Config{MaxHeader: o.maxHeader, MaxBody: o.maxBody})
	if err != nil {
		return w, err
	}
	ln := netio.ListenConfig{
		Handle:      w.s.Serve,
		ReusePort:   o.workers > 1,
		MaxConns:    o.connsEach(),
		Refuse:      w.s.Refuse,
		IdleTimeout: o.idle,
	}
	if o.tls != nil {
		ln.Refuse = nil // before a handshake there is nothing to say
		if ln.Handle, err = w.s.ServeTLS(netio.TLSConfig{TLS: o.tls}); err != nil {
			return w, err
		}
	}
	_, err = w.r.Listen("tcp", addr, ln)
	return w, err
}

func greet(out io.Writer, o *options, addr string) {
	if o.json {
		return // the object is all that is printed
	}
	scheme, pinned := "http", ""
	if o.tls != nil {
		scheme = "https"
	}
	if len(o.cpus) > 0 {
		pinned = fmt.Sprintf(", pinned to %s", o.cpus)
	}
	fmt.Fprintf(out, "listening on %s://%s with %s%s; Ctrl-C ends\n", scheme, addr, count(o.workers, "worker"), pinned)
}

func count[N int | uint64](n N, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprint(n, " ", what, "s")
}
