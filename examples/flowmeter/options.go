package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/pushcore/pushcore/examples/internal/observe"
	"github.com/pushcore/pushcore/exec/place"
)

// Limits of the flags: beyond them a value is a slip of the finger.
const (
	maxWorkers  = 256
	maxMaxFlows = 1 << 26
	maxRepeat   = 1_000_000_000
	maxTop      = 1_000_000
)

// options are the flags, checked.
type options struct {
	file     string // at most one of file and iface; neither: the demonstration
	iface    string
	limit    time.Duration // of a live capture; 0: until it is interrupted
	repeat   int
	workers  int // 0: the plain loop
	cpus     place.Set
	balance  balancing
	maxFlows int
	top      int
	json     bool
	observe  observe.Config
	errs     io.Writer // for what is to be said about observing
}

// balancing is the parsed value of -balance.
type balancing struct {
	name  string // "hash", "roundrobin" or "bounded"
	bound int    // of "bounded": most packets in one worker's lane
}

func (b balancing) String() string {
	if b.name == "bounded" {
		return fmt.Sprintf("bounded:%d", b.bound)
	}
	return b.name
}

// parseBalance reads the value of -balance.
func parseBalance(s string) (balancing, error) {
	name, n, found := strings.Cut(s, ":")
	switch {
	case s == "hash" || s == "roundrobin":
		return balancing{name: s}, nil
	case name == "bounded" && found:
		bound, err := strconv.Atoi(n)
		if err != nil || bound < 1 || bound > slots {
			return balancing{}, fmt.Errorf("-balance %s: the bound is a number of packets from 1 to %d", s, slots)
		}
		return balancing{name: name, bound: bound}, nil
	}
	return balancing{}, fmt.Errorf("-balance %s: it is hash, roundrobin or bounded:N", s)
}

// usageError is a mistake on the command line: exit code 2.
type usageError struct{ error }

// parse reads the command line. allowed is the number of cpus this process may use, from which
// the default number of workers is taken. It returns flag.ErrHelp if help was asked for.
func parse(args []string, allowed int) (*options, error) {
	o := &options{errs: os.Stderr}
	var cpus, balance string
	fs := flag.NewFlagSet("flowmeter", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&o.file, "r", "", "")
	fs.StringVar(&o.iface, "i", "", "")
	fs.DurationVar(&o.limit, "for", 0, "")
	fs.IntVar(&o.repeat, "repeat", 1, "")
	fs.IntVar(&o.workers, "workers", 0, "")
	fs.StringVar(&cpus, "cpus", "", "")
	fs.StringVar(&balance, "balance", "hash", "")
	fs.IntVar(&o.maxFlows, "max-flows", 1<<20, "")
	fs.IntVar(&o.top, "top", 20, "")
	fs.BoolVar(&o.json, "json", false, "")
	o.observe.Flags(fs)
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil, err
		}
		return nil, usageError{err}
	}
	set := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { set[f.Name] = true })
	if err := o.check(fs, set, cpus, balance, allowed); err != nil {
		return nil, usageError{err}
	}
	return o, nil
}

// check finds what the flag package does not: values out of range and flags that contradict.
func (o *options) check(fs *flag.FlagSet, set map[string]bool, cpus, balance string, allowed int) (err error) {
	switch {
	case fs.NArg() > 0:
		return fmt.Errorf("unexpected argument %q (a capture file is given with -r)", fs.Arg(0))
	case set["r"] && set["i"]:
		return errors.New("-r and -i exclude each other: read a file or capture live")
	case set["r"] && o.file == "":
		return errors.New("-r needs the name of a capture file")
	case set["i"] && o.iface == "":
		return errors.New("-i needs the name of an interface")
	case set["for"] && !set["i"]:
		return errors.New("-for limits a live capture: it needs -i")
	case set["for"] && o.limit <= 0:
		return fmt.Errorf("-for %v: it must be above 0", o.limit)
	case set["repeat"] && !set["r"]:
		return errors.New("-repeat reads a file several times: it needs -r")
	case o.repeat < 1 || o.repeat > maxRepeat:
		return fmt.Errorf("-repeat %d: it must be from 1 to %d", o.repeat, maxRepeat)
	case o.workers < 0 || o.workers > maxWorkers:
		return fmt.Errorf("-workers %d: it must be from 0 to %d", o.workers, maxWorkers)
	case o.maxFlows < 1 || o.maxFlows > maxMaxFlows:
		return fmt.Errorf("-max-flows %d: it must be from 1 to %d", o.maxFlows, maxMaxFlows)
	case o.top < 0 || o.top > maxTop:
		return fmt.Errorf("-top %d: it must be from 0 to %d", o.top, maxTop)
	}
	if o.balance, err = parseBalance(balance); err != nil {
		return err
	}
	if set["cpus"] {
		if o.cpus, err = place.Parse(cpus); err != nil {
			return fmt.Errorf("-cpus %s: %w", cpus, err)
		}
		if len(o.cpus) == 0 || len(o.cpus) > maxWorkers {
			return fmt.Errorf("-cpus %q: it must name 1 to %d cpus, as in 1-3,5", cpus, maxWorkers)
		}
	}
	return o.checkWorkers(set, allowed)
}

// checkWorkers settles how many workers there are.
func (o *options) checkWorkers(set map[string]bool, allowed int) error {
	if !set["workers"] {
		// One cpu is the reader's. More than eight workers are more than one reader can feed.
		o.workers = max(1, min(allowed-1, 8))
		if set["cpus"] {
			o.workers = len(o.cpus)
		}
		return nil
	}
	switch {
	case o.workers == 0 && set["cpus"]:
		return errors.New("-cpus places workers, and -workers 0 has none")
	case o.workers == 0 && set["balance"]:
		return errors.New("-balance chooses among workers, and -workers 0 has none")
	case o.workers == 0 && (set["debug"] || set["flight"]):
		return errors.New("-debug and -flight show what workers do, and -workers 0 has none")
	case set["cpus"] && len(o.cpus) != o.workers:
		return fmt.Errorf("-cpus %s names %d cpus for -workers %d: it must name one for each", o.cpus, len(o.cpus), o.workers)
	}
	return nil
}
