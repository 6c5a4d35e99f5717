// Command bench measures pushcore beside what a program would use in its place, and reports each row with its peers, its
// target, and whether the target is met.
//
//	go run ./bench                                the standard set, some five minutes
//	go run ./bench -list                          the names of the rows
//	go run ./bench -run ring,exec -rounds 15      some families or rows, more rounds
//	go run ./bench -full                          every row; the servers alone take three quarters of an hour
//	go run ./bench -baseline old.json             beside a former run: ratio, confidence and verdict per row
//
// It leaves report.html (a page that needs nothing else), report.json (for -baseline and other programs) and report.txt
// (every sample, for benchstat) in the directory that -out names.
//
// Everything is measured in rounds, A B C A B C, because the figures of a shared machine drift by more than the
// differences of interest; what counts is the ratio within a round.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/pushcore/pushcore/bench/family"
	"github.com/pushcore/pushcore/bench/family/affinity"
	"github.com/pushcore/pushcore/bench/internal/cli"
	"github.com/pushcore/pushcore/bench/internal/machine"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/report"
	"github.com/pushcore/pushcore/exec/place"
)

// options are the command line's.
type options struct {
	families []measure.Family
	rows     []measure.Row
	rounds   int
	cpus     [2]int
	out      string
	baseline *report.Report
	list     bool
}

func main() {
	// The main goroutine keeps the main thread, so that no measurement pins that one: it could not be given back.
	// Servers live as long as the thread that starts them, and have its cpus.
	runtime.LockOSThread()
	cli.Main("bench", parse, run)
}

func run(o options) error {
	if o.list {
		return list(os.Stdout, o)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	r, raw, err := take(ctx, o)
	if len(r.Rows) == 0 {
		return err
	}
	// What was found so far is worth keeping, whatever has ended the run.
	return errors.Join(err, show(o, r, raw))
}

// take measures.
func take(ctx context.Context, o options) (r *report.Report, raw *bytes.Buffer, err error) {
	r = &report.Report{Format: report.Format, Began: time.Now(), Command: command(os.Args[1:]), Rounds: o.rounds, Machine: machine.ReadFacts(o.cpus)}
	raw = new(bytes.Buffer)
	if err := measure.Probe(&r.Machine); err != nil {
		return r, raw, err
	}
	for _, f := range r.Machine.List() {
		fmt.Fprintf(raw, "%s: %s\n", f.Name, f.Value)
	}
	raw.WriteString("pkg: github.com/pushcore/pushcore/bench\n")
	meter := machine.StartMeter(func() (time.Duration, error) { return measure.CPUTime(true) })
	bar := newBar(os.Stderr)
	s := &measure.Session{CPUs: o.cpus, Rounds: o.rounds, Raw: raw, Progress: bar.show, Skew: r.Machine.SkewTicks}
	all, err := s.Run(ctx, o.rows)
	bar.end()
	if err == nil {
		r.Pairs, err = pairs(ctx, o.rows)
	}
	// Before the meter is read: the processor time of programs counts once they have ended.
	err = errors.Join(err, measure.End(o.families))
	r.Load = meter.Read()
	fmt.Fprintf(raw, "steal-seconds: %.2f\nothers-cpu-seconds: %.2f\n", r.Load.StealSeconds, r.Load.OthersSeconds)
	r.Add(o.families, all)
	return r, raw, err
}

// pairs measures every cpu's distance to every other one, if the rows are about such things.
func pairs(ctx context.Context, rows []measure.Row) (*report.Pairs, error) {
	if !slices.ContainsFunc(rows, func(r measure.Row) bool { return strings.HasPrefix(r.Name, "Affinity/") }) {
		return nil, nil
	}
	allowed, err := place.Allowed()
	if err != nil {
		return nil, err
	}
	cpus := affinity.Sampled(allowed)
	heat, err := affinity.Heat(ctx, cpus)
	if errors.Is(err, measure.ErrSkip) {
		return nil, nil // its row says why
	}
	return &report.Pairs{CPUs: cpus, TripNs: heat}, err
}

// show prints the table and writes the files.
func show(o options, r *report.Report, raw *bytes.Buffer) error {
	if err := r.WriteText(os.Stdout); err != nil {
		return err
	}
	var changes *report.Changes
	if o.baseline != nil {
		changes = report.Compare(o.baseline, r)
		if err := changes.WriteText(os.Stdout); err != nil {
			return err
		}
	}
	err := errors.Join(
		write(o, "report.html", func(w io.Writer) error { return r.WriteHTML(w, changes) }),
		write(o, "report.json", r.WriteJSON),
		write(o, "report.txt", func(w io.Writer) error {
			_, err := w.Write(raw.Bytes())
			return err
		}))
	if err == nil {
		fmt.Printf("\nWritten to %s: report.html, report.json, report.txt\n", o.out)
	}
	return err
}

func write(o options, name string, content func(io.Writer) error) error {
	f, err := os.Create(filepath.Join(o.out, name))
	if err != nil {
		return err
	}
	return errors.Join(content(f), f.Close())
}

// command is what a reader types to repeat the run.
func command(args []string) string {
	return strings.TrimSpace("go run ./bench " + strings.Join(args, " "))
}

func list(w io.Writer, o options) error {
	chosen := map[string]bool{}
	for _, r := range o.rows {
		chosen[r.Name] = true
	}
	for _, f := range o.families {
		head := fmt.Sprintf("%s: %s\n", f.Name, f.Does)
		for _, r := range f.Rows {
			if !chosen[r.Name] {
				continue
			}
			set := ""
			if r.Full {
				set = "full"
			}
			if _, err := fmt.Fprintf(w, "%s  %-44s %-4s  %s\n", head, r.Name, set, r.Does); err != nil {
				return err
			}
			head = ""
		}
	}
	return nil
}

// parse reads the command line. Its errors fit on one line.
func parse(args []string) (o options, err error) {
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	only := fs.String("run", "", "comma-separated families or `regexps`, whatever their case: rows whose name matches one (default: the standard set)")
	full := fs.Bool("full", false, "all rows, not only those of the standard set")
	cpus := fs.String("cpus", "", "the two `cpus` to pin to, as 0,1 (default: two that suit, see place.Choose)")
	old := fs.String("baseline", "", "the report.json `file` of a former run to compare with")
	fs.IntVar(&o.rounds, "rounds", 7, "how often each row is measured, from 1 to 1000; slow rows less often")
	fs.StringVar(&o.out, "out", ".", "the `directory` for report.html, report.json and report.txt; it must exist")
	fs.BoolVar(&o.list, "list", false, "print the names of the rows and do nothing else")
	if err = cli.Parse(fs, args, about); err != nil {
		return o, err
	}
	if o.rounds < 1 || o.rounds > 1000 {
		return o, fmt.Errorf("-rounds %d is out of range: it must be from 1 to 1000", o.rounds)
	}
	o.families = family.All()
	if o.rows, err = choose(o.families, *only, *full || o.list); err != nil || o.list {
		return o, err
	}
	if st, err := os.Stat(o.out); err != nil {
		return o, fmt.Errorf("-out: %w", err)
	} else if !st.IsDir() {
		return o, fmt.Errorf("-out %q is a file: it must be a directory", o.out)
	}
	if *old != "" {
		if o.baseline, err = report.Read(*old); err != nil {
			return o, fmt.Errorf("-baseline: %w", err)
		}
	}
	o.cpus, err = cli.TwoCPUs(*cpus)
	return o, err
}

const about = `bench measures pushcore beside what a program would use in its place. It prints a table and writes report.html,
report.json and report.txt (for benchstat).`

// choose returns the rows that are asked for by the names of families or by regexps: those of the standard set, unless
// all are wanted or only others match.
func choose(families []measure.Family, only string, full bool) (rows []measure.Row, err error) {
	var all []measure.Row
	exprs := strings.Split(only, ",")
	for _, f := range families {
		all = append(all, f.Rows...)
		for i, e := range exprs {
			if strings.EqualFold(e, f.Name) {
				exprs[i] = "^" + f.Name + "/"
			}
		}
	}
	all, err = cli.Choose(all, func(r measure.Row) string { return r.Name }, "run", strings.Join(exprs, ","))
	if err != nil || full {
		return all, err
	}
	for _, r := range all {
		if !r.Full {
			rows = append(rows, r)
		}
	}
	if len(rows) == 0 {
		return all, nil
	}
	return rows, nil
}
