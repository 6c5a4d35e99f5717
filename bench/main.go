// Command bench measures pushcore beside what a program would use in its place, and reports each row with its peers,
// its target, and whether the target is met.
//
//	go run ./bench                                the standard set, some five minutes
//	go run ./bench -list                          the names of the rows
//	go run ./bench -run ring,exec -rounds 15      some families or rows, more rounds
//	go run ./bench -full                          every row; the servers alone take three quarters of an hour
//	go run ./bench -baseline old.json             beside a former run: ratio, confidence and verdict per row
//	go run ./bench -charts docs/charts            the charts as files, too
//
// It leaves report.html (a page that needs nothing else), report.json (for -baseline and other programs) and report.txt
// (every sample, for benchstat) in the directory that -out names.
//
// Everything is measured in rounds, A B C A B C, because the figures of a shared machine drift by more than the
// differences of interest; what counts is the ratio within a round.
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/pushcore/pushcore/bench/family"
	"github.com/pushcore/pushcore/bench/internal/cli"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/report"
)

// options are the command line's.
type options struct {
	families []measure.Family
	selected cli.Selection
	rows     []measure.Row // of the selected ones, those that are measured
	rounds   int
	limit    time.Duration // on one measurement, beyond what its row says
	cpus     [2]int
	out      string
	charts   string   // the directory for a file per chart; "" for none
	profile  *os.File // for a profile of the processor time; nil for none
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
	return profiled(o.profile, func() error { return measureAll(o) })
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
	only := fs.String("run", "", "comma-separated families or `regexps`, whatever their case: rows whose name matches "+
		"one (default: the standard set)")
	full := fs.Bool("full", false, "all rows, not only those of the standard set")
	cpus := fs.String("cpus", "", "the two `cpus` to pin to, as 0,1 (default: two that suit, see place.Choose)")
	old := fs.String("baseline", "", "the report.json `file` of a former run to compare with")
	fs.IntVar(&o.rounds, "rounds", 9, "how often each row is measured, from 1 to 1000; slow rows less often")
	fs.DurationVar(&o.limit, "limit", time.Minute,
		"how much longer than its row says a measurement may take until the run is ended, at least 1s")
	fs.StringVar(&o.out, "out", ".", "the `directory` for report.html, report.json and report.txt; it is made")
	fs.StringVar(&o.charts, "charts", "", "also write each chart as an SVG file to this `directory`; it is made")
	profile := fs.String("cpuprofile", "",
		"also write a profile of this process, for go tool pprof and -pgo, to this `file`")
	fs.BoolVar(&o.list, "list", false, "print the names of the rows and do nothing else")
	if err = cli.Parse(fs, args, about); err != nil {
		return o, err
	}
	if o.rounds < 1 || o.rounds > 1000 {
		return o, fmt.Errorf("-rounds %d is out of range: it must be from 1 to 1000", o.rounds)
	}
	if o.limit < time.Second {
		return o, fmt.Errorf("-limit %v is too short: it must be at least 1s", o.limit)
	}
	o.families = family.All()
	if o.selected, err = cli.Select(o.families, *only); err != nil {
		return o, err
	}
	if o.rows = choose(o.families, o.selected, *full || o.list); o.list {
		return o, nil
	}
	if err := errors.Join(directory("out", o.out), directory("charts", cmp.Or(o.charts, "."))); err != nil {
		return o, err
	}
	if *old != "" {
		if o.baseline, err = report.Read(*old); err != nil {
			return o, fmt.Errorf("-baseline: %w", err)
		}
	}
	if o.cpus, err = cli.TwoCPUs(*cpus); err != nil || *profile == "" {
		return o, err
	}
	if o.profile, err = os.Create(*profile); err != nil {
		return o, fmt.Errorf("-cpuprofile: %w", err)
	}
	return o, nil
}

// directory makes the directory that an option names.
func directory(option, name string) error {
	if st, err := os.Stat(name); err == nil && !st.IsDir() {
		return fmt.Errorf("-%s: %q is a file: it must be a directory", option, name)
	}
	if err := os.MkdirAll(name, 0o777); err != nil {
		return fmt.Errorf("-%s: %w", option, err)
	}
	return nil
}

const about = `bench measures pushcore beside what a program would use in its place. It prints a table and writes
report.html, report.json and report.txt (for benchstat).`

// choose returns the rows that are selected: those of the standard set, unless all are wanted or only others match.
func choose(families []measure.Family, selected cli.Selection, full bool) (rows []measure.Row) {
	all := selected.Rows(families)
	if full {
		return all
	}
	for _, r := range all {
		if !r.Full {
			rows = append(rows, r)
		}
	}
	if len(rows) == 0 {
		return all
	}
	return rows
}
