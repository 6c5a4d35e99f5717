package serve

import (
	"context"
	"errors"
	"os"
	"slices"
	"time"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// Report says what a Shutdown has done to connections, and what it has left undone.
type Report struct {
	group.Report[exec.Task] // tasks, coroutines and jobs

	Drained   uint64 // connections that were closed between two requests: nothing is lost
	Abandoned uint64 // connections that were closed while they were served, because time was up
	Refused   uint64 // connections that had come too late to be served
}

// Shutdown ends the server in good order. It stops accepting, closes the connections that
// are between two requests, lets the others end until ctx ends, closes what is left then,
// and reports it. The error is that of group.Group.Drain. On a loop it returns
// exec.ErrOnLoop.
func (s *Server) Shutdown(ctx context.Context) (r Report, err error) {
	if exec.OnLoop() {
		return r, exec.ErrOnLoop
	}
	before := s.Stats()
	start := time.Now()
	var own error
	if a := s.acceptor; a != nil {
		a.finish(ctx) // first: nothing is handed over any more
		if a.x != nil {
			_, own = a.x.Drain(ctx)
		}
	}
	r.Report, err = s.group.Shutdown(ctx)
	err = errors.Join(err, own)
	if !errors.Is(err, exec.ErrRunning) {
		s.sweepers.Wait()
	}
	now := s.Stats()
	r.Took = time.Since(start)
	r.Drained = now.Net.Drained - before.Net.Drained
	r.Abandoned = now.Net.Abandoned - before.Net.Abandoned
	r.Refused = now.Net.Refused + now.Stranded - before.Net.Refused - before.Stranded
	return r, err
}

// finish closes the listener, which hands over what waits in the kernel before, and waits until
// the workers have taken in what is on its way to them: in a drain they would refuse it. Workers
// that have ended are left out, and so is all when ctx ends.
func (a *acceptor) finish(ctx context.Context) {
	if a.s.Addr() == nil {
		return // it has not begun
	}
	x := a.x
	if x == nil {
		x = a.s.group.Exec(0)
	}
	sent, err := exec.Call(ctx, x, func(*exec.Local) ([]uint64, error) {
		_ = a.ln.Close() // the error of a second Shutdown
		return slices.Clone(a.view.Sent), nil
	})
	if err != nil {
		return
	}
	for i, w := range a.s.workers {
		for taken, err := uint64(0), error(nil); err == nil && taken < sent[i]; {
			taken, err = exec.Call(ctx, a.s.group.Exec(i), func(*exec.Local) (uint64, error) { return w.taken, nil })
		}
	}
}

// Drain is Shutdown without the report.
func (s *Server) Drain(ctx context.Context) error {
	_, err := s.Shutdown(ctx)
	return err
}

// RunUntilSignal starts the server, waits for SIGINT or SIGTERM (or for one of sigs, if any
// are given), and shuts it down, for which it has grace. It is in all the like of
// group.Group.RunUntilSignal.
func (s *Server) RunUntilSignal(grace time.Duration, sigs ...os.Signal) (r Report, err error) {
	err = group.UntilSignal(s.Start, s.Wait, func(ctx context.Context) (err error) {
		r, err = s.Shutdown(ctx)
		return err
	}, grace, sigs...)
	return r, err
}
