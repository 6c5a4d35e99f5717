// Command bench measures pushcore against what a Go program would use in its place, and prints each row of the speed
// table with its peers, its target, and whether the target is met.
//
// Everything is measured in rounds, A B C A B C, because the figures of a shared machine drift by more than the
// differences of interest; what counts is the ratio within a round. The output is in the format of benchstat, with a
// summary of every row at the end that benchstat skips:
//
//	go run ./bench                              the whole table
//	go run ./bench -list                        the names of the rows
//	go run ./bench -run Ring/SPSC -rounds 21    some rows, more rounds
//	go run ./bench -out new.txt                 and the raw figures for benchstat
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/pushcore/pushcore/bench/internal/cli"
)

// options are the command line's.
type options struct {
	rows   []row
	rounds int
	cpus   [2]int
	out    string
	list   bool
}

func main() {
	// The main goroutine keeps the main thread, so that no measurement pins that one: it could not be given back.
	runtime.LockOSThread()
	cli.Main("bench", parse, run)
}

func run(o options) (err error) {
	if o.list {
		for _, r := range o.rows {
			fmt.Println(r.name)
		}
		return nil
	}
	raw := io.Discard
	if o.out != "" {
		f, err := os.Create(o.out)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		raw = f
	}
	s := &session{cpus: o.cpus, rounds: o.rounds, raw: io.MultiWriter(os.Stdout, raw), text: os.Stdout}
	return s.run(o.rows)
}

// parse reads the command line. Its errors fit on one line.
func parse(args []string) (o options, err error) {
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	only := fs.String("run", "", "comma-separated `regexps`: rows whose name matches one of them (default: all)")
	cpus := fs.String("cpus", "", "the two `cpus` to pin to, as 0,1 (default: two that suit, see place.Choose)")
	fs.IntVar(&o.rounds, "rounds", 11, "how often each row is measured, from 1 to 1000")
	fs.StringVar(&o.out, "out", "", "also write the raw figures to this `file`")
	fs.BoolVar(&o.list, "list", false, "print the names of the rows and do nothing else")
	if err = cli.Parse(fs, args, ""); err != nil {
		return o, err
	}
	if o.rounds < 1 || o.rounds > 1000 {
		return o, fmt.Errorf("-rounds %d is out of range: it must be from 1 to 1000", o.rounds)
	}
	if o.rows, err = cli.Choose(table(), func(r row) string { return r.name }, "run", *only); err != nil || o.list {
		return o, err
	}
	o.cpus, err = cli.TwoCPUs(*cpus)
	return o, err
}

// table lists every row, in the order in which they are measured and printed.
func table() []row {
	var rows []row
	rows = append(rows, floorRows()...)
	rows = append(rows, ringRows()...)
	rows = append(rows, pickRows()...)
	rows = append(rows, execRows()...)
	rows = append(rows, groupRows()...)
	rows = append(rows, asyncRows()...)
	rows = append(rows, latencyRows()...)
	rows = append(rows, idleRows()...)
	rows = append(rows, flowmeterRows()...)
	return rows
}
