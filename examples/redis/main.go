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
	"syscall"
	"time"

	"github.com/pushcore/pushcore/group"

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
	s, err := server.New(o, slog.New(slog.NewTextHandler(stderr, nil)), nil)
	if err == nil {
		err = s.Start()
	}
	if err != nil {
		fmt.Fprintf(stderr, "redis: %v\n", err)
		return exitFault
	}
	fmt.Fprintf(stderr, "redis: %s\n", s.Banner())
	show := make(chan os.Signal, 1)
	signal.Notify(show, userSignal...)
	go func() {
		for range show {
			s.Report().WriteJSON(stdout)
		}
	}()
	defer signal.Stop(show)
	ended, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		<-s.Failed()
		cancel()
	}()
	var report server.Report
	err = group.OnSignal(ended, grace, func(ctx context.Context) error {
		report = s.Report()
		return s.Shutdown(ctx)
	}, os.Interrupt, syscall.SIGTERM)
	if o.JSON {
		report.WriteJSON(stdout)
	} else {
		report.WriteText(stdout)
	}
	if err != nil {
		fmt.Fprintf(stderr, "redis: %v\n", err)
		return exitFault
	}
	return exitOK
}
