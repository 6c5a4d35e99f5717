package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// shutdown: nothing new is accepted, listeners are cancelled, work in hand is finished, until the deadline. A server
// calls group.RunUntilSignal, which does this on SIGINT and SIGTERM, and gives up on the second one.
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
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	report, err := g.Shutdown(ctx)
	fmt.Fprintln(w, "cancelled:", report.Cancelled, "| undone:", len(report.Undone), "| in time:", err == nil)
	return nil
}
