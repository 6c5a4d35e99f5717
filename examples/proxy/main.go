// Command proxy passes TCP connections on to upstreams.
//
// It is an example of connections on package exec/netio. Run it without flags for a
// demonstration and with -h for the flags.
//
// The files, in the order a connection sees them: worker.go accepts it and finds an upstream
// with picker.go; header.go reads and writes PROXY protocol headers; secure.go is TLS, if there is
// any; pair.go passes on what comes.
// monitor.go owns what is known of the upstreams, with the rules in health.go. proxy.go starts and
// ends it all. stats.go counts, table.go and screen.go show it. config.go is what can be set,
// fields.go how it is written, file.go and options.go read it. demo.go, load.go and cluster.go are
// the demonstration.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/pushcore/pushcore/examples/internal/observe"
)

// Exit codes.
const (
	exitOK    = 0
	exitFault = 1 // something went wrong while running
	exitUsage = 2 // the command line, or the file, makes no sense
	exitTwice = 130
)

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		cancel()
		<-signals
		os.Exit(exitTwice)
	}()
	reload := make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	s := &shell{args: os.Args[1:], stdout: os.Stdout, stderr: os.Stderr, terminal: term.IsTerminal(int(os.Stdout.Fd())), reload: reload}
	os.Exit(s.run(ctx))
}

// shell is the process around a proxy.
type shell struct {
	args           []string
	stdout, stderr io.Writer
	terminal       bool // stdout is one: the table may be redrawn
	reload         <-chan os.Signal
}

// run is main without the process. The end of ctx is an interruption by the user.
func (s *shell) run(ctx context.Context) int {
	o, err := parse(s.args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(s.stdout, helpText)
		return exitOK
	case err != nil:
		fmt.Fprintf(s.stderr, "proxy: %v (proxy -h lists the flags)\n", err)
		return exitUsage
	case o.demo:
		err = s.demo(ctx, o)
	default:
		err = s.serve(ctx, o)
	}
	if err != nil {
		fmt.Fprintf(s.stderr, "proxy: %v\n", err)
		return exitFault
	}
	return exitOK
}

// serve is the proxy proper.
func (s *shell) serve(ctx context.Context, o *options) error {
	logger := log.New(s.stderr, "", log.LstdFlags)
	out := newScreen(s.stdout, s.terminal && !o.json)
	watcher, err := s.observe(o, out)
	if err != nil {
		return err
	}
	defer watcher.Close()
	p, err := start(o.config, func(event string) { out.above(func() { logger.Print(event) }) }, watcher.OnStall)
	if err != nil {
		return err
	}
	if err := watcher.Show(p.sources()...); err != nil {
		p.stop()
		return err
	}
	logger.Printf("listening on %s: %d workers, %d upstreams, %s%s", p.addr, len(p.workers), len(o.config.upstreams), o.config.balance, o.config.tls.String())
	if lack := lackOfDescriptors(fmt.Sprintf("%d clients (max_connections)", o.config.maxConnections), 2*o.config.maxConnections, len(p.workers)); lack != "" {
		logger.Print(lack)
	}
	watch := newWatch(p, out, o)
	end, stop := timeLimit(ctx, o.duration)
	defer stop()
	for end.Err() == nil {
		select {
		case <-end.Done():
		case <-s.reload:
			out.above(func() { logger.Print(s.reread(p)) })
		case <-watch.C:
			watch.show(p.stats(), nil)
		}
	}
	watch.stop()
	logger.Printf("draining: %d connections have %v to end", p.open.Load(), o.config.drain)
	grace, cancel := context.WithTimeout(context.Background(), o.config.drain)
	defer cancel()
	p.drain(grace)
	return s.report(p.stats(), o)
}

// observe begins to observe, as the flags say. What there is to tell goes where the log goes.
func (s *shell) observe(o *options, out *screen) (*observe.Observer, error) {
	w := out.beside(s.stderr)
	return observe.New(o.observe, w, slog.New(slog.NewTextHandler(w, nil)))
}

// timeLimit is a context that also ends after d, unless that is 0.
func timeLimit(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if d == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, d)
}

// reread reads the configuration again, and says what came of it.
func (s *shell) reread(p *proxy) string {
	o, err := parse(s.args)
	if err == nil {
		err = p.reload(o.config)
	}
	if err != nil {
		return fmt.Sprintf("nothing is reloaded: %v", err)
	}
	text := fmt.Sprintf("reloaded: %d upstreams, %s%s", len(o.config.upstreams), o.config.balance, o.config.tls.String())
	if p.unlike(o.config) {
		text += "; what else has changed takes a restart"
	}
	return text
}

// report prints the summary.
func (s *shell) report(st Stats, o *options) error {
	if o.json {
		return st.writeJSON(s.stdout)
	}
	_, err := io.WriteString(s.stdout, st.summary())
	return err
}
