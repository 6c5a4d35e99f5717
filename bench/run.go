package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/pushcore/pushcore/bench/family/affinity"
	"github.com/pushcore/pushcore/bench/internal/machine"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/report"
	"github.com/pushcore/pushcore/exec/place"
)

// farewell is how long programs that were started have to end after a measurement has hung.
const farewell = 5 * time.Second

// record is a run in the making.
type record struct {
	o      options
	report *report.Report
	raw    bytes.Buffer
	meter  *machine.Meter
	bar    *bar
}

// measureAll measures and leaves the report. What was found is worth keeping, whatever has ended the run.
func measureAll(o options) error {
	rec := &record{o: o, bar: newBar(os.Stderr)}
	rec.report = &report.Report{
		Format: report.Format, Began: time.Now(), Command: command(os.Args[1:]), Rounds: o.rounds,
		Machine: machine.ReadFacts(o.cpus),
	}
	facts := &rec.report.Machine
	if err := measure.Probe(facts); err != nil {
		return err
	}
	rec.meter = machine.StartMeter(func() (time.Duration, error) { return measure.CPUTime(true) })
	ctx, stop := interruptible()
	defer stop()
	s := &measure.Session{
		CPUs: o.cpus, Rounds: o.rounds, Raw: &rec.raw, Progress: rec.bar.show, Skew: facts.SkewTicks,
		Limit: o.limit, Hung: rec.hung,
	}
	all, err := s.Run(ctx, o.rows)
	if ctx.Err() == nil {
		hung := func() { rec.hung(all, fmt.Errorf("the map of all cpus: hung: it had not come back after %v", o.limit)) }
		err = errors.Join(err, measure.Watch(o.limit, hung, func() (err error) {
			rec.report.Pairs, err = pairs(ctx, o.rows)
			return err
		}))
	}
	rec.bar.end()
	// Before the meter is read: the processor time of programs counts once they have ended.
	err = errors.Join(err, measure.End(o.families))
	return errors.Join(err, rec.leave(all))
}

// interruptible returns a context that the first Ctrl-C ends. The second one ends the program at once.
func interruptible() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	unhook := context.AfterFunc(ctx, func() {
		stop()
		fmt.Fprintln(os.Stderr, "\nbench: the run ends after this measurement; Ctrl-C again ends it at once")
	})
	return ctx, func() {
		unhook()
		stop()
	}
}

// hung leaves the report while a measurement cannot be ended, and ends the program.
func (rec *record) hung(all []measure.Measured, why error) {
	rec.bar.end()
	ended := make(chan error, 1)
	go func() { ended <- measure.End(rec.o.families) }()
	var err error
	select {
	case err = <-ended:
	case <-time.After(farewell):
	}
	fmt.Fprintf(os.Stderr, "bench: %v\n", errors.Join(why, err, rec.leave(all)))
	os.Exit(1)
}

// leave prints the table and writes the files.
func (rec *record) leave(all []measure.Measured) error {
	if !slices.ContainsFunc(all, measure.Measured.Any) {
		return nil
	}
	r := rec.report
	r.Load = rec.meter.Read()
	r.Add(rec.o.families, all)
	if err := r.WriteText(os.Stdout); err != nil {
		return err
	}
	var changes *report.Changes
	if rec.o.baseline != nil {
		changes = report.Compare(rec.o.baseline, r, rec.o.selected.Has)
		if err := changes.WriteText(os.Stdout); err != nil {
			return err
		}
	}
	err := errors.Join(
		write(rec.o.out, "report.html", func(w io.Writer) error { return r.WriteHTML(w, changes) }),
		write(rec.o.out, "report.json", r.WriteJSON),
		write(rec.o.out, "report.txt", rec.writeRaw),
		rec.draw())
	if err == nil {
		fmt.Printf("\nWritten to %s: report.html, report.json, report.txt\n", rec.o.out)
		if rec.o.charts != "" {
			fmt.Printf("Charts written to %s\n", rec.o.charts)
		}
	}
	return err
}

// writeRaw writes every sample for benchstat, behind what is known of the run only when it ends: benchstat takes such
// lines for what they are only in front of the samples.
func (rec *record) writeRaw(w io.Writer) error {
	var head bytes.Buffer
	for _, f := range rec.report.Machine.List() {
		fmt.Fprintf(&head, "%s: %s\n", f.Name, f.Value)
	}
	l := rec.report.Load
	fmt.Fprintf(&head, "steal-seconds: %.2f\nothers-cpu-seconds: %.2f\n", l.StealSeconds, l.OthersSeconds)
	head.WriteString("pkg: github.com/pushcore/pushcore/bench\n")
	_, err := head.WriteTo(w)
	if err == nil {
		_, err = w.Write(rec.raw.Bytes())
	}
	return err
}

// draw writes a file for each chart, if it is asked for.
func (rec *record) draw() error {
	if rec.o.charts == "" {
		return nil
	}
	charts, err := rec.report.Charts()
	for _, c := range charts {
		err = errors.Join(err, write(rec.o.charts, c.Name+".svg", func(w io.Writer) error {
			_, err := w.Write(c.SVG)
			return err
		}))
	}
	return err
}

func write(dir, name string, content func(io.Writer) error) error {
	f, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	return errors.Join(content(f), f.Close())
}

// command is what a reader types to repeat the run.
func command(args []string) string {
	return strings.TrimSpace("go run ./bench " + strings.Join(args, " "))
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
