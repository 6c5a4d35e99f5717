// Command net measures pushcore's servers against what people use in their place, side by side on one machine: the
// server pinned to one core, the client to the other. It builds what it needs, and prints each row of the network table
// with its peers, its targets, and whether these are met:
//
//	go run ./bench/net                             the whole table
//	go run ./bench/net -short                      a look at it: short measurements, few of them
//	go run ./bench/net -list                       the names of the rows
//	go run ./bench/net -rows plaintext -rounds 21  some rows, more rounds
//	go run ./bench/net -markdown                   the tables for the documents
//
// What decides is the processor time of the server per request: where the client is what saturates, requests per second
// tell of the client. Servers are measured in rounds, A B C A B C, because the speed of a shared machine drifts by more
// than they differ; what counts is the median of the ratios within the rounds.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"github.com/pushcore/pushcore/bench/internal/cli"
)

// options are the command line's.
type options struct {
	rows            []row
	rounds          int
	window, longest time.Duration
	cpus            [2]int
	out             string
	list            bool
	json, markdown  bool
}

func main() {
	// The main goroutine keeps the main thread: the servers live as long as the thread that starts them, and have its
	// cpus.
	runtime.LockOSThread()
	cli.Main("net", parse, listOrMeasure)
}

func listOrMeasure(o options) error {
	if o.list {
		for _, r := range o.rows {
			fmt.Printf("%-32s %s\n", r.name, r.does)
		}
		return nil
	}
	return measure(o)
}

// measure measures, and prints what was found even if it could not do so to the end.
func measure(o options) (err error) {
	var raw io.Writer = os.Stdout
	if o.json || o.markdown {
		raw = os.Stderr // standard output is for the tables
	}
	if o.out != "" {
		f, err := os.Create(o.out)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		raw = io.MultiWriter(raw, f)
	}
	s := &session{cpus: o.cpus, rounds: o.rounds, warmUp: time.Second, window: o.window, longest: o.longest, raw: raw}
	began := watch()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	all, err := s.run(ctx, o.rows)
	switch {
	case o.json:
		enc := json.NewEncoder(os.Stdout)
		enc.SetIndent("", "  ")
		err = errors.Join(err, enc.Encode(export(s, all)))
	case o.markdown:
		markdown(os.Stdout, all)
	default:
		text(os.Stdout, all)
	}
	began.report(raw)
	return err
}

// parse reads the command line. Its errors fit on one line.
func parse(args []string) (o options, err error) {
	fs := flag.NewFlagSet("net", flag.ContinueOnError)
	only := fs.String("rows", "", "comma-separated `regexps`: rows whose name matches one of them (default: all)")
	cpus := fs.String("cpus", "", "the `cpus` of the client and of the server, as 0,1 (default: two that suit)")
	short := fs.Bool("short", false, "measurements of a second, in 3 rounds unless -rounds says otherwise")
	fs.IntVar(&o.rounds, "rounds", 7, "how often each row is measured, from 1 to 1000; slow rows at most 5 times")
	fs.DurationVar(&o.window, "window", 3*time.Second, "how long one measurement takes, from 1s to 10m; slow rows have their own")
	fs.StringVar(&o.out, "out", "", "also write the raw figures to this `file`")
	fs.BoolVar(&o.list, "list", false, "print the names of the rows and do nothing else")
	fs.BoolVar(&o.json, "json", false, "print everything that was found as JSON")
	fs.BoolVar(&o.markdown, "markdown", false, "print the tables as Markdown")
	if err = cli.Parse(fs, args, ""); err != nil {
		return o, err
	}
	switch {
	case o.json && o.markdown:
		return o, errors.New("-json and -markdown are two formats of one output: choose one")
	case o.window < time.Second || o.window > 10*time.Minute:
		return o, fmt.Errorf("-window %v is out of range: it must be from 1s to 10m", o.window)
	}
	o.longest = time.Hour
	if *short {
		set := map[string]bool{}
		fs.Visit(func(f *flag.Flag) { set[f.Name] = true })
		if !set["rounds"] {
			o.rounds = 3
		}
		o.longest = time.Second
	}
	if o.rounds < 1 || o.rounds > 1000 {
		return o, fmt.Errorf("-rounds %d is out of range: it must be from 1 to 1000", o.rounds)
	}
	if o.rows, err = cli.Choose(table(), func(r row) string { return r.name }, "rows", *only); err != nil || o.list {
		return o, err
	}
	o.cpus, err = clientAndServer(*cpus)
	return o, err
}

// clientAndServer reads -cpus, or chooses: the server gets the better one.
func clientAndServer(list string) (two [2]int, err error) {
	two, err = cli.TwoCPUs(list)
	if list == "" {
		two[0], two[1] = two[1], two[0]
	}
	return two, err
}
