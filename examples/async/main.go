// Command async shows how programs are written on an Exec: coroutines, futures, joins, timers, select, local
// synchronisation, calls between Execs, blocking work, budgets, cancellation, sharded state, hooks and simulation. Each
// is a page of code in a file of its own, with its output below it in testdata.
//
//	go run ./examples/async               all of them
//	go run ./examples/async select calls  some of them
//	go run ./examples/async -list         their names
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// demo is one of the pages.
type demo struct {
	name  string
	about string
	run   func(w io.Writer) error
}

var demos = []demo{
	{"coroutines", "straight-line code that shares one thread", coroutines},
	{"futures", "values that will be there later, and handles to results", futures},
	{"joins", "waiting for coroutines, aborting them, surviving their panics", joins},
	{"wakers", "waking a coroutine from its loop and from anywhere", wakers},
	{"timers", "after, at, every, reset, stop, and limits on any wait", timers},
	{"select", "the first of several things", selecting},
	{"sync", "semaphore, mutex, queue, gate and broadcast without atomics", synchronise},
	{"calls", "functions on another Exec, with their results", calls},
	{"mailbox", "values from elsewhere, received one by one", mailbox},
	{"blocking", "work that blocks, beside the loop", blocking},
	{"budgets", "long work that lets others have their turn", budgets},
	{"cancel", "contexts, aborts and deferred functions", cancel},
	{"shutdown", "a group that ends in good order", shutdown},
	{"sharded", "state that is split over workers", sharded},
	{"hooks", "the beginning and the end of a thread, and panics", hooks},
	{"simulate", "a fake clock, and a thousand schedules by their seeds", simulate},
}

func main() {
	switch err := run(os.Args[1:], os.Stdout); {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "async:", err)
		os.Exit(2)
	}
}

func run(args []string, w io.Writer) error {
	fs := flag.NewFlagSet("async", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	list := fs.Bool("list", false, "print the names of the demos and do nothing else")
	if err := fs.Parse(args); errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(w, "usage: async [-list] [name ...]\n\nShows, without names, all of:")
		return errors.Join(err, show(w))
	} else if err != nil {
		return fmt.Errorf("%s: see -help", strings.ReplaceAll(err.Error(), "\n", " "))
	}
	if *list {
		return show(w)
	}
	chosen := demos
	if fs.NArg() > 0 {
		chosen = nil
	}
	for _, name := range fs.Args() {
		i := slices.IndexFunc(demos, func(d demo) bool { return d.name == name })
		if i < 0 {
			return fmt.Errorf("there is no demo %q: -list prints the names", name)
		}
		chosen = append(chosen, demos[i])
	}
	for _, d := range chosen {
		fmt.Fprintf(w, "== %s: %s\n", d.name, d.about)
		if err := d.run(w); err != nil {
			return fmt.Errorf("%s: %w", d.name, err)
		}
	}
	return nil
}

func show(w io.Writer) error {
	for _, d := range demos {
		if _, err := fmt.Fprintf(w, "  %-11s %s\n", d.name, d.about); err != nil {
			return err
		}
	}
	return nil
}
