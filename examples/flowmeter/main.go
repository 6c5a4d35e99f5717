// Command flowmeter counts who talks to whom in a capture file or on an interface.
//
// It is an example of a packet pipeline on a group.Group: one reader does the least (a hash and
// a copy of the headers), the workers do the rest, each on a core and in a table of its own. Run
// it without flags for a demonstration and with -h for the flags.
//
// The files, in the order a packet sees them: source.go, file.go and live_linux.go read it;
// peek.go finds its hash; slab.go holds its bytes and reader.go pushes it to a worker of the group
// in pipeline.go (engine.go has the plain loop to compare with); decode.go, layers.go and key.go
// find its flow; meter.go and table.go count it; report.go and print.go tell.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/pushcore/pushcore/exec/place"
	"golang.org/x/term"
)

// Exit codes.
const (
	exitOK    = 0
	exitFault = 1 // something went wrong while running
	exitUsage = 2 // the command line makes no sense
	exitTwice = 130
)

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		cancel() // read no more, count what was read, report
		<-signals
		os.Exit(exitTwice)
	}()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr, term.IsTerminal(int(os.Stderr.Fd()))))
}

// run is main without the process. The end of ctx is an interruption by the user. terminal says
// that stderr is one, and progress may be drawn on it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, terminal bool) int {
	o, err := parse(args, allowedCPUs())
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		return exitOK
	}
	if err != nil {
		fmt.Fprintf(stderr, "flowmeter: %v (flowmeter -h lists the flags)\n", err)
		return exitUsage
	}
	o.errs = stderr
	r, err := meterSource(ctx, o, stderr, terminal)
	if r != nil {
		write := r.writeText
		if o.json {
			write = r.writeJSON
		}
		if werr := write(stdout); err == nil {
			err = werr
		}
	}
	if err != nil {
		fmt.Fprintf(stderr, "flowmeter: %v\n", err)
		return exitFault
	}
	return exitOK
}

// allowedCPUs is how many cpus the workers and the reader have.
func allowedCPUs() int {
	set, err := place.Allowed()
	if err != nil {
		return 1 // not known here: one worker is right on any machine
	}
	return len(set)
}

// meterSource opens what the options name and meters it. The report is nil if nothing could be
// opened; otherwise it is there even if there is an error too.
func meterSource(ctx context.Context, o *options, stderr io.Writer, terminal bool) (*report, error) {
	switch {
	case o.file != "":
		src, err := openFile(o.file, o.repeat)
		if err != nil {
			return nil, err
		}
		if terminal {
			p := newProgress(stderr, src.size())
			defer p.finish()
			src.count = p.add
		}
		return meterAll(ctx, src, o, ctx)
	case o.iface != "":
		src, err := openLive(o.iface)
		if err != nil {
			return nil, err
		}
		during := ctx
		if o.limit > 0 {
			var cancel context.CancelFunc
			during, cancel = context.WithTimeout(ctx, o.limit)
			defer cancel()
		}
		fmt.Fprintf(stderr, "flowmeter: capturing on %s, Ctrl-C ends it\n", o.iface)
		return meterAll(during, src, o, ctx)
	}
	return demo(ctx, o, stderr)
}

// meterAll meters src until it ends or ctx does. user is the context that Ctrl-C ends.
func meterAll(ctx context.Context, src source, o *options, user context.Context) (*report, error) {
	defer src.close()
	engine := runGroup
	if o.workers == 0 {
		engine = runPlain
	}
	out, err := engine(ctx, src, o)
	if err != nil {
		return nil, err
	}
	r := newReport(src, o, out, user.Err() != nil)
	if out.fault == nil && !r.InEqualsOut {
		return r, fmt.Errorf("%d packets went in and %d came out: this is a defect of flowmeter", r.PacketsIn, r.PacketsOut)
	}
	return r, out.fault
}
