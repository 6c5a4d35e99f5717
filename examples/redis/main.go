// Command redis is an in-memory server that speaks the protocol of Redis, on sockets of an
// Exec: see README.md. Package server has what it does; -h lists the options.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"time"

	"github.com/pushcore/pushcore/group"

	"github.com/pushcore/pushcore/examples/internal/observe"
	"github.com/pushcore/pushcore/examples/redis/config"
	"github.com/pushcore/pushcore/examples/redis/server"
)

// Exit codes.
const (
	exitOK    = 0
	exitFault = 1
	exitUsage = 2
)

// grace is how long clients have to read their replies when the server ends.
const grace = 10 * time.Second

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is main without the process.
func run(args []string, stdout, stderr io.Writer) int {
	o, err := config.Parse(args)
	switch {
	case config.IsHelp(err):
		fmt.Fprint(stdout, usage())
		return exitOK
	case err != nil:
		fmt.Fprintf(stderr, "redis: %v (redis -h lists the options)\n", err)
		return exitUsage
	}
	if err := observed(o, stdout, stderr); err != nil {
		fmt.Fprintf(stderr, "redis: %v\n", err)
		return exitFault
	}
	return exitOK
}

// observed is a server that shows what it does, from its making to its end.
func observed(o *config.Options, stdout, stderr io.Writer) error {
	log := slog.New(slog.NewTextHandler(stderr, nil))
	watcher, err := observe.New(o.Observe, stderr, log)
	if err != nil {
		return err
	}
	defer watcher.Close()
	o.OnStall = watcher.OnStall
	s, err := server.New(o, log, nil)
	if err != nil {
		return err
	}
	if err := watcher.Show(s); err != nil {
		return err
	}
	return serve(s, o.JSON, stdout, stderr)
}

// serve serves until it is told to end, and prints a summary. Signals are listened for before
// anyone can know that the server is there.
func serve(s *server.Server, json bool, stdout, stderr io.Writer) error {
	show := make(chan os.Signal, 1)
	signal.Notify(show, userSignal...)
	defer signal.Stop(show)
	var report server.Report
	start := func() error {
		if err := s.Start(); err != nil {
			return err
		}
		fmt.Fprintf(stderr, "redis: %s\n", s.Banner())
		go func() {
			for range show {
				s.Report().WriteJSON(stdout)
			}
		}()
		return nil
	}
	err := group.UntilSignal(start, s.Wait, func(ctx context.Context) error {
		report = s.Report()
		return s.Shutdown(ctx)
	}, grace)
	switch {
	case report.Address == "": // it has not started
	case json:
		report.WriteJSON(stdout)
	default:
		report.WriteText(stdout)
	}
	left := group.Failure(err)
	if err != nil && left == nil {
		fmt.Fprintln(stderr, "redis: clients were cut off that had not taken their replies")
	}
	return left
}
