package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// shutdown: nothing new is accepted, listeners are cancelled, work in hand is finished, until the deadline.
func shutdown(w io.Writer) error {
	g, err := group.New(group.Config[exec.Task]{Workers: 1})
	if err != nil {
		return err
	}
	if err := g.Start(); err != nil {
		return err
	}
	begun := make(chan nothing, 3)
	start := func(f func(co *exec.Co) (nothing, error)) error {
		return g.TrySend(exec.Func(func(l *exec.Local) {
			_, _ = exec.Go(l, func(co *exec.Co) (nothing, error) {
				begun <- nothing{}
				return f(co)
			})
		}))
	}
	listen := func(co *exec.Co) (nothing, error) {
		co.CancelOnDrain()
		err := co.Sleep(time.Hour)
		fmt.Fprintln(w, "the listener:", err)
		return nothing{}, err
	}
	work := func(co *exec.Co) (nothing, error) {
		err := co.Sleep(20 * time.Millisecond)
		fmt.Fprintln(w, "the work is done:", err)
		return nothing{}, err
	}
	stuck := func(co *exec.Co) (nothing, error) {
		err := co.Sleep(time.Hour)
		fmt.Fprintln(w, "the one that would not end:", err)
		return nothing{}, err
	}
	for _, f := range []func(co *exec.Co) (nothing, error){listen, work, stuck} {
		if err := start(f); err != nil {
			return err
		}
		<-begun
	}
	// OnSignal waits for SIGINT or SIGTERM, or, as here, for the end of a context. A second signal would end the grace.
	over, cancel := context.WithCancel(context.Background())
	time.AfterFunc(5*time.Millisecond, cancel)
	var report group.Report[exec.Task]
	err = group.OnSignal(over, 500*time.Millisecond, func(ctx context.Context) (err error) {
		report, err = g.Shutdown(ctx)
		return err
	})
	fmt.Fprintln(w, "cancelled:", report.Cancelled, "| undone:", len(report.Undone), "| in time:", err == nil)
	return server(w)
}

// server is all that the main function of a server needs: it starts the group, and shuts it down on SIGINT or SIGTERM,
// or when all workers have ended. This one ends by itself after three requests.
func server(w io.Writer) error {
	g, err := group.New(group.Config[exec.Task]{Workers: 1})
	if err != nil {
		return err
	}
	requests := 0
	for range 3 {
		err := g.TrySend(exec.Func(func(l *exec.Local) {
			if requests++; requests == 3 {
				l.Exec().Stop()
			}
		}))
		if err != nil {
			return err
		}
	}
	report, err := g.RunUntilSignal(time.Minute)
	fmt.Fprintln(w, "the server has answered", requests, "requests | undone:", len(report.Undone), "| error:", err)
	return nil
}
