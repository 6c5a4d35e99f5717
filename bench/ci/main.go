// Command ci runs every row of the table once over next to nothing, in some ten seconds: the implementations check what
// they move. It finds crashes and data errors; what anything takes is nobody's business here.
//
//	go run ./bench/ci            all rows but those that take seconds or need a program to be built
//	go run ./bench/ci -programs  those, too
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/pushcore/pushcore/bench/family"
	"github.com/pushcore/pushcore/bench/internal/cli"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/stat"
)

// options are the command line's.
type options struct {
	rows     []measure.Row
	programs bool
	cpus     [2]int
	end      func() error
}

func main() {
	runtime.LockOSThread() // the main thread is never pinned, as in bench
	cli.Main("ci", parse, run)
}

func parse(args []string) (o options, err error) {
	fs := flag.NewFlagSet("ci", flag.ContinueOnError)
	only := fs.String("run", "", "comma-separated families or `regexps`: rows whose name matches one (default: all)")
	cpus := fs.String("cpus", "", "the two `cpus` to pin to, as 0,1 (default: two that suit)")
	fs.BoolVar(&o.programs, "programs", false, "also what takes seconds, and what must be built first")
	const about = "ci runs every row of bench once over next to nothing: it finds crashes and data errors."
	if err := cli.Parse(fs, args, about); err != nil {
		return o, err
	}
	families := family.All()
	o.end = func() error { return measure.End(families) }
	selected, err := cli.Select(families, *only)
	if err != nil {
		return o, err
	}
	o.rows = selected.Rows(families)
	o.cpus, err = cli.TwoCPUs(*cpus)
	return o, err
}

// run reports all that fails, not only the first.
func run(o options) error {
	var errs []error
	ran, skipped := 0, 0
	said := map[string]bool{} // each reason is printed once
	for _, r := range o.rows {
		for _, im := range r.Impls {
			if (r.Slow || im.Program) && !o.programs || again(r, im) {
				skipped++
				continue
			}
			err := try(r, im, o.cpus)
			switch {
			case errors.Is(err, measure.ErrSkip):
				if reason := im.Name + ": " + err.Error(); !said[reason] {
					said[reason] = true
					fmt.Printf("%s/%s: %v\n", r.Name, im.Label(), err)
				}
				skipped++
			case err != nil:
				errs = append(errs, fmt.Errorf("%s/%s: %w", r.Name, im.Label(), err))
			default:
				ran++
			}
		}
	}
	fmt.Printf("%s of %s ran, %d left out, %d failed\n", stat.Count(ran, "implementation"),
		stat.Count(len(o.rows), "row"), skipped, len(errs))
	return errors.Join(append(errs, o.end())...)
}

// limit is how long a measurement may take, even if its program must be built first.
const limit = 10 * time.Minute

// again says that another one is the same code: of the many rows of latency the one at a higher load is, and who is not
// pinned has a pinned twin there.
func again(r measure.Row, im measure.Impl) bool {
	return aged(r) && (strings.Contains(r.Name, "/latency/load=10") || strings.HasSuffix(im.Variant, "unpinned"))
}

// aged says that a row is one of the many of latency, which move what the rows move that they belong to.
func aged(r measure.Row) bool { return r.Full && strings.Contains(r.Name, "/latency/load=") }

// quick is how long a little work may take if more is to be done.
const quick = time.Millisecond

// try does a little work; where that is done at once, so much more that queues fill and wrap around. The many rows of
// latency do with the little.
func try(r measure.Row, im measure.Impl, cpus [2]int) error {
	at, n := measure.Spot{CPUs: cpus, Pinned: im.Pinned}, cmp.Or(r.Few, 2*measure.AmountStep)
	if r.Amount > 0 {
		n = min(n, r.Amount)
	}
	run := func(n int) error {
		hung := func() {
			fmt.Fprintf(os.Stderr, "ci: %s/%s: hung: it had not come back after %v\n", r.Name, im.Label(), limit)
			os.Exit(1)
		}
		return measure.Watch(limit, hung, func() error {
			_, err := im.Run(at, n)
			return err
		})
	}
	start := time.Now()
	if err := run(n); err != nil || r.Amount > 0 || r.Few > 0 || time.Since(start) > quick || aged(r) {
		return err
	}
	return run(3 * measure.Capacity)
}
