// Package observe is what the example programs have in common to show what their Execs do: a dashboard (-debug), traces
// of what led to a stall (-flight), and a dump as text when the process gets SIGUSR1.
//
//	var cfg observe.Config
//	cfg.Flags(flags)
//	...
//	o, err := observe.New(cfg, os.Stderr, logger)
//	...
//	defer o.Close()
//	g, err := group.New(group.Config[T]{..., Exec: exec.Config{OnStall: o.OnStall}})
//	...
//	err = o.Show(g)
package observe

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group/debug"
)

// Observer shows what Execs do. Its OnStall may be called by any goroutine, the other methods by one.
type Observer struct {
	cfg    Config
	w      io.Writer
	logger *slog.Logger
	flight *flight       // nil: no traces are kept
	server *debug.Server // nil: there is no dashboard
	quiet  func()        // ends the dumps
}

// New begins to record, if it is told to. What is for the user of the program is written to w, also by other
// goroutines; stalls are logged by logger, as an Exec without OnStall would do by its own. The error says why traces
// cannot be kept.
func New(cfg Config, w io.Writer, logger *slog.Logger) (*Observer, error) {
	o := &Observer{cfg: cfg, w: w, logger: logger, quiet: func() {}}
	if cfg.Flight != "" {
		var err error
		if o.flight, err = startFlight(cfg.Flight, w); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// OnStall is for exec.Config. It logs the stall, and has what led to it written to a file.
func (o *Observer) OnStall(s exec.Stall) {
	s.Log(o.logger)
	if o.flight != nil {
		o.flight.stalled(s)
	}
}

// Show serves the dashboard of sources, if it is told to, and dumps them on SIGUSR1. It is called once. The error is that
// of listening.
func (o *Observer) Show(sources ...debug.Source) error {
	if o.cfg.Debug != "" {
		s, err := debug.Serve(o.cfg.Debug, sources...)
		if err != nil {
			return err
		}
		o.server = s
		fmt.Fprintf(o.w, "debug: http://%s/ shows what the Execs do\n", s.Addr())
	}
	o.quiet = debug.DumpOnSignal(o.w, sources...)
	return nil
}

// Close ends all of it, and returns when traces that were being written are. It comes after the end of the Execs.
func (o *Observer) Close() {
	o.quiet()
	if o.server != nil {
		_ = o.server.Close()
	}
	if o.flight != nil {
		o.flight.close()
	}
}
