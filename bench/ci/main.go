// Command ci runs every row of the table once over next to nothing, in some ten seconds: the implementations check what
// they move. It finds crashes and data errors; what anything takes is nobody's business here.
//
//	go run ./bench/ci            all rows but those that take seconds or need a program to be built
//	go run ./bench/ci -programs  those, too
package main

import (
	"errors"
	"flag"
	"fmt"
	"runtime"
	"time"

	"github.com/pushcore/pushcore/bench/family"
	"github.com/pushcore/pushcore/bench/internal/cli"
	"github.com/pushcore/pushcore/bench/internal/measure"
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
	if err := cli.Parse(fs, args, "ci runs every row of bench once over next to nothing: it finds crashes and data errors."); err != nil {
		return o, err
	}
	families := family.All()
	for _, f := range families {
		o.rows = append(o.rows, f.Rows...)
	}
	o.end = func() error { return measure.End(families) }
	if o.rows, err = cli.Choose(o.rows, func(r measure.Row) string { return r.Name }, "run", *only); err != nil {
		return o, err
	}
	o.cpus, err = cli.TwoCPUs(*cpus)
	return o, err
}

// run reports all that fails, not only the first.
func run(o options) error {
	var errs []error
	ran, skipped := 0, 0
	for _, r := range o.rows {
		if r.Slow && !o.programs {
			skipped += len(r.Impls)
			continue
		}
		for _, im := range r.Impls {
			if im.Program && !o.programs {
				skipped++
				continue
			}
			err := try(r, im, o.cpus)
			switch {
			case errors.Is(err, measure.ErrSkip):
				fmt.Printf("%s/%s: %v\n", r.Name, im.Label(), err)
				skipped++
			case err != nil:
				errs = append(errs, fmt.Errorf("%s/%s: %w", r.Name, im.Label(), err))
			default:
				ran++
			}
		}
	}
	fmt.Printf("%d implementations of %d rows ran, %d were left out, %d failed\n", ran, len(o.rows), skipped, len(errs))
	return errors.Join(append(errs, o.end())...)
}

// quick is how long a little work may take if more is to be done.
const quick = time.Millisecond

// try does a little work; where that is done at once, so much more that queues fill and wrap around.
func try(r measure.Row, im measure.Impl, cpus [2]int) error {
	at, n := measure.Spot{CPUs: cpus, Pinned: im.Pinned}, 2*measure.AmountStep
	if r.Amount > 0 {
		n = min(n, r.Amount)
	}
	start := time.Now()
	if _, err := im.Run(at, n); err != nil || r.Amount > 0 || time.Since(start) > quick {
		return err
	}
	_, err := im.Run(at, 3*measure.Capacity)
	return err
}
