// Command balance shows how the policies of package balance queue: simulated, and on a group of this machine.
//
//	go run ./bench/balance                                  all tables, some five minutes
//	go run ./bench/balance -list                            the tables and the policies
//	go run ./bench/balance -table zipf                      the policies under uniform keys, Zipf keys and one hot key
//	go run ./bench/balance -table queueing                  the simulation beside the theory of queues
//	go run ./bench/balance -table moves                     what share of the keys moves when a worker comes or goes
//	go run ./bench/balance -table live -traffic zipf        the policies on a running group, beside the simulation
//	go run ./bench/balance -table zipf -policies 'JBSQ|KeyHash' -load 0.9 -workers 16
//
// Simulated tables depend on the seed alone. The live one is a measurement: one producer sends at times drawn
// beforehand, whether the group keeps up or not, and a worker serves an item by waiting until its time is over, so that
// a machine with two processors can have eight workers. Times are in units, the mean service time.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/pushcore/pushcore/balance/balancesim"
	"github.com/pushcore/pushcore/bench/internal/cli"
)

// table is one that can be asked for.
type table struct {
	name, does string
	write      func(ctx context.Context, w io.Writer, o options) error
}

func tables() []table {
	return []table{
		{"zipf", "policies by kind of traffic: load of the workers, sojourn times, order of keys (simulated)", writeRanking},
		{"queueing", "what the theory of queues knows, and what the simulation finds", writeAnchors},
		{"moves", "what share of the keys moves when a worker comes or goes", writeMoves},
		{"live", "the same policies on a running group, beside the simulation", writeLive},
	}
}

// traffic are the kinds of it.
var traffic = []struct {
	name string
	keys func(n int) balancesim.Keys
}{
	{"uniform", balancesim.UniformKeys},
	{"zipf", func(n int) balancesim.Keys { return balancesim.ZipfKeys(1.1, n) }},
	{"hot", func(n int) balancesim.Keys { return balancesim.HotKey(0.5, n) }},
}

// options are the command line's.
type options struct {
	tables   []table
	policies *regexp.Regexp
	keys     []balancesim.Keys
	seed     uint64
	workers  int
	load     float64
	items    int
	runs     int
	unit     time.Duration
	each     time.Duration
	rounds   int
	out      string
	list     bool
}

func main() { cli.Main("balance", parse, run) }

// run writes the tables as they are found.
func run(o options) (err error) {
	if o.list {
		list(os.Stdout)
		return nil
	}
	var w io.Writer = os.Stdout
	if o.out != "" {
		f, err := os.Create(o.out)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		w = io.MultiWriter(w, f)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	for i, t := range o.tables {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if err := t.write(ctx, w, o); err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
	}
	return nil
}

func list(w io.Writer) {
	fmt.Fprintln(w, "tables:")
	for _, t := range tables() {
		fmt.Fprintf(w, "  %-10s %s\n", t.name, t.does)
	}
	fmt.Fprintln(w, "traffic:")
	for _, t := range traffic {
		fmt.Fprintf(w, "  %-10s %s\n", t.name, t.keys(keyCount).Name)
	}
	fmt.Fprintln(w, "policies:")
	for _, p := range balancesim.Shelf(1, 0) {
		fmt.Fprintf(w, "  %s\n", p.Name)
	}
}

// keyCount is how many keys there are.
const keyCount = 10_000

const about = "balance shows how the policies of package balance queue: simulated, and on a group of this machine."

// parse reads the command line. Its errors fit on one line.
func parse(args []string) (o options, err error) {
	fs := flag.NewFlagSet("balance", flag.ContinueOnError)
	name := fs.String("table", "all", "the `table`: zipf, queueing, moves, live or all")
	kinds := fs.String("traffic", "",
		"comma-separated `kinds` of traffic: uniform, zipf, hot (default: all, and zipf in the live table)")
	policies := fs.String("policies", "", "a `regexp`: policies whose name matches (default: all)")
	fs.Uint64Var(&o.seed, "seed", 1, "what chance decides, here and in the live table")
	fs.IntVar(&o.workers, "workers", 8, "how many `workers`, from 2 to 1024; not for queueing")
	fs.Float64Var(&o.load, "load", 0.7, "the `share` of what the workers can do, from 0.01 to 0.99; not for queueing")
	fs.IntVar(&o.items, "items", 200_000, "how many `items` are simulated in each run; queueing has ten times as many")
	fs.IntVar(&o.runs, "runs", 10,
		"how many independent `runs` there are of each simulation, from 2 to 1000; not for queueing")
	fs.DurationVar(&o.unit, "unit", 5*time.Millisecond, "the mean service time in the live table, from 100µs to 1s")
	fs.DurationVar(&o.each, "each", 4*time.Second,
		"how long items come for each policy in a round of the live table, from 100ms to 10m")
	fs.IntVar(&o.rounds, "rounds", 3, "how many `rounds` the live table has, each with all policies, from 1 to 100")
	fs.StringVar(&o.out, "o", "", "also write the tables to this `file`")
	fs.BoolVar(&o.list, "list", false, "print the names of tables, traffic and policies, and do nothing else")
	if err = cli.Parse(fs, args, about); err != nil {
		return o, err
	}
	switch {
	case o.workers < 2 || o.workers > 1024:
		return o, fmt.Errorf("-workers %d is out of range: it must be from 2 to 1024", o.workers)
	case !(o.load >= 0.01 && o.load <= 0.99):
		return o, fmt.Errorf("-load %g is out of range: it must be from 0.01 to 0.99", o.load)
	case o.items < 1000 || o.items > 100_000_000:
		return o, fmt.Errorf("-items %d is out of range: it must be from 1000 to 100000000", o.items)
	case o.runs < 2 || o.runs > 1000:
		return o, fmt.Errorf("-runs %d is out of range: it must be from 2 to 1000", o.runs)
	case o.unit < 100*time.Microsecond || o.unit > time.Second:
		return o, fmt.Errorf("-unit %v is out of range: it must be from 100µs to 1s", o.unit)
	case o.each < 100*time.Millisecond || o.each > 10*time.Minute:
		return o, fmt.Errorf("-each %v is out of range: it must be from 100ms to 10m", o.each)
	case o.rounds < 1 || o.rounds > 100:
		return o, fmt.Errorf("-rounds %d is out of range: it must be from 1 to 100", o.rounds)
	}
	if o.tables, err = chooseTables(*name); err != nil {
		return o, err
	}
	if o.keys, err = chooseTraffic(*kinds); err != nil {
		return o, err
	}
	if o.policies, err = regexp.Compile(*policies); err != nil {
		return o, fmt.Errorf("-policies %q: %w", *policies, err)
	}
	if len(o.contenders(0)) == 0 {
		return o, fmt.Errorf("-policies %q matches no policy: -list prints their names", *policies)
	}
	return o, nil
}

func chooseTables(name string) ([]table, error) {
	all := tables()
	if name == "all" {
		return all, nil
	}
	i := slices.IndexFunc(all, func(t table) bool { return t.name == name })
	if i < 0 {
		return nil, fmt.Errorf("-table %q is none: it must be zipf, queueing, moves, live or all", name)
	}
	return all[i : i+1], nil
}

func chooseTraffic(names string) (chosen []balancesim.Keys, err error) {
	if names == "" {
		return nil, nil
	}
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(traffic, func(t struct {
			name string
			keys func(int) balancesim.Keys
		}) bool {
			return t.name == name
		})
		if i < 0 {
			return nil, fmt.Errorf("-traffic %q is none: it must be uniform, zipf or hot, or some of them with commas", name)
		}
		chosen = append(chosen, traffic[i].keys(keyCount))
	}
	return chosen, nil
}

// contenders are the policies that were asked for.
func (o options) contenders(unit time.Duration) []balancesim.Contender {
	return slices.DeleteFunc(balancesim.Shelf(o.seed, unit),
		func(c balancesim.Contender) bool { return !o.policies.MatchString(c.Name) })
}

// traffic is that which was asked for, or else those kinds.
func (o options) traffic(def ...string) []balancesim.Keys {
	if len(o.keys) > 0 {
		return o.keys
	}
	keys, _ := chooseTraffic(strings.Join(def, ","))
	return keys
}
