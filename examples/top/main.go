// Command top shows what the workers of a running program do, as it happens.
//
// It attaches to a program that serves its figures with package group/debug. Run it with -h for the flags.
//
// The files, in the order a figure sees them: fetch.go asks for a report, clean.go makes it safe to show; sample.go,
// grouprow.go and row.go compare it with the one before, trend.go remembers; sorting.go puts rows in order, columns.go
// says what there is to show of them, layout.go what there is room for. table.go, groups.go, footer.go, worker.go,
// inboxes.go and stall.go write lines of words and tones (line.go), screen.go puts them together, and theme.go gives
// them colours. All of that is pure; view.go is the state that it depends on, and model.go alone knows bubbletea.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/term"
)

// Exit codes.
const (
	exitOK    = 0
	exitFault = 1 // something went wrong while running
	exitUsage = 2 // the command line makes no sense
)

func main() {
	s := &shell{args: os.Args[1:], stdout: os.Stdout, stderr: os.Stderr}
	s.terminal = term.IsTerminal(os.Stdout.Fd()) && os.Getenv("TERM") != "dumb"
	os.Exit(s.run(context.Background()))
}

// shell is the process around a view.
type shell struct {
	args           []string
	stdout, stderr io.Writer
	terminal       bool // stdout is one that can be drawn on
}

// run is main without the process.
func (s *shell) run(ctx context.Context) int {
	o, err := parse(s.args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(s.stdout, helpText)
		return exitOK
	case err != nil:
		fmt.Fprintf(s.stderr, "top: %v (top -h lists the flags)\n", err)
		return exitUsage
	case o.once || !s.terminal:
		err = s.once(ctx, o)
	default:
		err = s.watch(ctx, o)
	}
	if err != nil {
		fmt.Fprintf(s.stderr, "top: %v\n", err)
		return exitFault
	}
	return exitOK
}

// watch draws until the user has seen enough.
func (s *shell) watch(ctx context.Context, o *options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	_, err := tea.NewProgram(newModel(ctx, o)).Run()
	if errors.Is(err, tea.ErrInterrupted) { // SIGINT from elsewhere
		return nil
	}
	return err
}

// once prints one table.
func (s *shell) once(ctx context.Context, o *options) error {
	c := newClient(o.url)
	first, err := c.fetch(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", o.url, err)
	}
	time.Sleep(o.interval)
	second, err := c.fetch(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", o.url, err)
	}
	v := view{shown: compare(&first, second), order: o.sort, group: o.group}
	if o.group != "" && len(v.groups()) == 0 {
		return fmt.Errorf("-group %q: there is no such group; there are %s", o.group, groupList(second.Groups))
	}
	_, err = io.WriteString(s.stdout, once(v.rows()))
	return err
}
