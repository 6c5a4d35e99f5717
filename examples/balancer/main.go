// Command balancer is a balancer of one's own, at work. memory.go is all of it, memory_test.go checks it in one line,
// and this file runs it beside others: a group of workers, each of which takes some milliseconds for an item, gets
// items at random times, and each item's time from arrival to completion is noted.
//
//	go run ./examples/balancer
//	go run ./examples/balancer -window 1m -debug :6060    with a dashboard of what the workers do
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"time"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/examples/internal/observe"
)

// contestants in the order of the table.
func contestants(seed uint64) []contestant {
	return []contestant{
		{"random", balance.Random(seed)},
		{"round robin", balance.RoundRobin()},
		{"memory (ours)", Memory(seed)},
		{"power of two", balance.PowerOfTwo(seed)},
		{"least loaded", balance.LeastLoaded()},
	}
}

type contestant struct {
	name   string
	policy balance.Policy
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, context.Canceled):
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, "balancer:", err)
		os.Exit(2)
	}
}

func run(ctx context.Context, args []string, w, errs io.Writer) error {
	o, err := parse(args, w)
	if err != nil {
		return err
	}
	watcher, err := observe.New(o.observe, errs, slog.Default())
	if err != nil {
		return err
	}
	defer watcher.Close()
	o.onStall = watcher.OnStall
	if err := watcher.Show(&o.stage); err != nil {
		return err
	}
	fmt.Fprintf(w, "%d workers, %v for an item on average (exponential), %.0f %% busy, %v each.\n\n", o.workers, o.service, 100*o.load, o.window)
	fmt.Fprintf(w, "%-14s %8s %8s %8s  %s\n", "policy", "p50", "p99", "most", "items per worker")
	late := time.Duration(0)
	for _, c := range contestants(o.seed) {
		r, err := o.measure(ctx, c.policy)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		fmt.Fprintf(w, "%-14s %8s %8s %8s  %s\n", c.name, ms(r.quantile(0.5)), ms(r.quantile(0.99)), ms(r.quantile(1)), counts(r.items))
		late = max(late, r.late)
	}
	_, err = io.WriteString(w, o.warning(late))
	return err
}

// warning says that the times are not the policies', if that is so: items were sent ever later, until the last was late
// by a good part of the window.
func (o *options) warning(late time.Duration) string {
	if late <= max(o.service, o.window/20) {
		return ""
	}
	return fmt.Sprintf("\nThis machine cannot send so many: the last items were %s late, which is in the times. Take fewer -workers, or a longer -service.\n", ms(late))
}

func ms(d time.Duration) string {
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 1, 64) + " ms"
}

func counts(items []int) string {
	var s []string
	for _, n := range items {
		s = append(s, strconv.Itoa(n))
	}
	return strings.Join(s, " ")
}

// parse reads the flags and says what is wrong with them.
func parse(args []string, w io.Writer) (o *options, err error) {
	o = &options{}
	fs := flag.NewFlagSet("balancer", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.IntVar(&o.workers, "workers", 8, "how many workers the group has, 1 to 64")
	fs.DurationVar(&o.service, "service", 4*time.Millisecond, "how long a worker takes for an item on average, 1ms to 1s")
	fs.Float64Var(&o.load, "load", 0.8, "which part of the time the workers are busy, above 0 and below 1")
	fs.DurationVar(&o.window, "window", 2*time.Second, "how long to send for each policy, 100ms to 1h")
	fs.Uint64Var(&o.seed, "seed", 1, "for arrivals, times and policies; from 1 on")
	o.observe.Flags(fs)
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(w, "usage: balancer [flags]\n\nRuns a balancer of one's own (memory.go) beside others and shows how long items take.")
			fs.SetOutput(w)
			fs.PrintDefaults()
			fmt.Fprintln(w, "\nSIGUSR1 prints what the workers have done to stderr.")
			return o, err
		}
		return o, fmt.Errorf("%w, see -h", err)
	}
	switch {
	case fs.NArg() > 0:
		return o, fmt.Errorf("there is no argument %q: only flags, see -h", fs.Arg(0))
	case o.workers < 1 || o.workers > 64:
		return o, fmt.Errorf("-workers is %d: it must be from 1 to 64", o.workers)
	case o.service < time.Millisecond || o.service > time.Second:
		return o, fmt.Errorf("-service is %v: it must be from 1ms to 1s", o.service)
	case !(o.load > 0 && o.load < 1):
		return o, fmt.Errorf("-load is %v: it must be above 0 and below 1", o.load)
	case o.window < 100*time.Millisecond || o.window > time.Hour:
		return o, fmt.Errorf("-window is %v: it must be from 100ms to 1h", o.window)
	case o.seed == 0:
		return o, errors.New("-seed is 0: it must be 1 or more")
	}
	return o, nil
}
