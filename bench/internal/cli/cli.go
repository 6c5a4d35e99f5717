// Package cli is what the programs of bench have in common on their command lines.
package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/pushcore/pushcore/bench/internal/stat"
	"github.com/pushcore/pushcore/exec/place"
)

// Main is the main function of a program: it exits with 2 if the command line is wrong, and with 1 if run fails.
func Main[O any](name string, parse func(args []string) (O, error), run func(O) error) {
	o, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(2)
	}
	if err := run(o); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

// Parse reads options; there are no other arguments. Its errors fit on one line. If help is asked for it prints what
// the program is for, if about says so, and the options, and returns flag.ErrHelp.
func Parse(fs *flag.FlagSet, args []string, about string) error {
	fs.SetOutput(io.Discard)
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fs.SetOutput(os.Stdout)
		if about != "" {
			fmt.Println(about)
		}
		fs.PrintDefaults()
		return err
	case err != nil:
		return errors.New(strings.ReplaceAll(err.Error(), "\n", " "))
	case fs.NArg() > 0:
		return fmt.Errorf("unexpected argument %q: every option begins with a dash, see -help", fs.Arg(0))
	}
	return nil
}

// TwoCPUs reads -cpus, or chooses two that suit. The second is the better one: there runs what is measured alone, and
// of two who work together the one that does more, the consumer or the server.
func TwoCPUs(list string) (two [2]int, err error) {
	allowed, err := place.Allowed()
	if err != nil {
		return two, err
	}
	var set place.Set
	if list == "" {
		if set, err = place.Choose(2); err != nil {
			return two, fmt.Errorf("two pinned threads are needed: %w", err)
		}
		slices.Reverse(set)
	} else if set, err = inOrder(list); err != nil {
		return two, fmt.Errorf("-cpus: %w", err)
	}
	if len(set) != 2 {
		return two, fmt.Errorf("-cpus %q names %s: it must name two (allowed: %s)", list, stat.Count(len(set), "cpu"),
			allowed)
	}
	for i, cpu := range set {
		if !allowed.Contains(cpu) {
			return two, fmt.Errorf("-cpus %q: cpu %d is not allowed here (allowed: %s)", list, cpu, allowed)
		}
		two[i] = cpu
	}
	return two, nil
}

// inOrder reads a list of cpus as place.Parse does, but leaves them in the order in which they are named.
func inOrder(list string) (place.Set, error) {
	all, err := place.Parse(list)
	if err != nil || len(all) != 2 {
		return all, err
	}
	first, _, _ := strings.Cut(list, ",")
	if set, err := place.Parse(first); err == nil && set[0] != all[0] {
		slices.Reverse(all)
	}
	return all, nil
}
