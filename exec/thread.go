package exec

import (
	"context"
	"fmt"

	"github.com/pushcore/pushcore/exec/place"
)

// Start gives the Exec a thread of its own, pins it, runs OnStart on it, and
// returns when that is done. Its error (the processors are not allowed, OnStart
// failed) ends the Exec. A second Start returns ErrStarted, one after Stop or
// Drain ErrClosed, one on a loop ErrOnLoop, and one with Config.Sim an error that
// says so.
func (x *Exec) Start() error {
	if OnLoop() {
		return ErrOnLoop
	}
	x.mu.Lock()
	switch x.state {
	case ended:
		x.mu.Unlock()
		return ErrClosed
	case threaded, stepping:
		x.mu.Unlock()
		return ErrStarted
	}
	if x.cfg.Sim != nil {
		x.mu.Unlock()
		return x.simulated()
	}
	l := x.loop
	if n := len(l.live); n > 0 {
		x.mu.Unlock()
		return fmt.Errorf("exec: %s: Start while %d coroutines that Step has begun have not ended: they cannot move to a thread", x.cfg.Name, n)
	}
	x.state = threaded
	x.mu.Unlock()
	if len(l.idle)+len(l.worn) > 0 { // Step's
		l.enter()
		l.endIdle(len(l.idle))
		l.endExited()
		l.leave()
	}
	ready := make(chan error, 1)
	launch(func() { x.thread(ready) })
	return <-ready
}

// Wait returns when the loop has ended, with the error that ended it, if one did.
// On a loop it returns ErrOnLoop.
func (x *Exec) Wait() error {
	if OnLoop() {
		return ErrOnLoop
	}
	<-x.done
	return x.err
}

// Run is Start and Wait. The end of ctx stops the Exec, as Stop does.
func (x *Exec) Run(ctx context.Context) error {
	defer context.AfterFunc(ctx, x.Stop)()
	if err := x.Start(); err != nil {
		return err
	}
	return x.Wait()
}

// thread is the life of the loop on its thread (see launch).
//
// ready is nil when the thread takes over from one that a Goexit has ended.
func (x *Exec) thread(ready chan<- error) {
	l := x.loop
	l.threaded, l.base.wake, l.depth = true, nil, 0
	x.survive(ready, func() {
		err := x.pin()
		x.noteThread()
		x.label()
		l.enter()
		if err == nil && ready != nil {
			err = x.start()
		}
		if err != nil {
			l.endCoroutines()
			l.runAtEnd()
			x.finish(err)
			if ready != nil {
				ready <- err
			}
			return
		}
		l.looping = true
		if ready != nil {
			ready <- nil
			ready = nil
		}
		x.serve()
	})
}

// serve runs the loop to its end.
func (x *Exec) serve() {
	l := x.loop
	x.run()
	l.looping = false
	l.endCoroutines()
	if f := x.cfg.OnStop; f != nil {
		f(l)
	}
	l.runAtEnd()
	l.flush()
	x.finish(nil)
}

// finish ends what is left of the loop.
func (x *Exec) finish(err error) {
	l := x.loop
	l.finished = true
	l.endTrace()
	l.publish()
	defer func() { // also if a Goexit goes on in here
		l.leave()
		x.end(err)
	}()
	l.endExited()
}

// survive runs f, which is what the thread has still to do, and settles a Goexit in it.
func (x *Exec) survive(ready chan<- error, f func()) {
	l := x.loop
	returned := false
	defer func() {
		if returned || l.finished || !goexiting() {
			return // or a panic, which ends the program
		}
		// Go cannot stop a Goexit, so the loop goes on elsewhere. Deferred, because
		// OnPanic may call Goexit, too.
		defer x.succeed(ready)
		l.fail(nil, true)
	}()
	f()
	returned = true
}

// maxDepth is how many Goexits in tasks a thread survives that cannot be replaced.
const maxDepth = 1000

// succeed settles what becomes of the loop after a Goexit on its thread. Coroutines are
// bound to their thread: if there are any, the loop goes on in the deferred function that
// this is called from, and on a new thread otherwise.
func (x *Exec) succeed(ready chan<- error) {
	l := x.loop
	l.publish()
	if !l.looping {
		x.giveUp(ready, fmt.Errorf("exec: %s: runtime.Goexit was called in OnStart or OnStop", x.cfg.Name))
		return
	}
	l.endIdle(len(l.idle))
	switch {
	case len(l.live)+len(l.idle)+len(l.worn) == 0:
		l.leave()
		launch(func() { x.thread(nil) })
	case l.depth < maxDepth:
		l.depth++
		x.survive(nil, x.serve)
	default:
		l.looping = false
		x.giveUp(ready, fmt.Errorf("exec: %s: runtime.Goexit was called in %d tasks, while coroutines bind the Exec to one thread", x.cfg.Name, maxDepth))
	}
}

// giveUp ends the loop after a Goexit. An OnPanic that is told of coroutines which panic
// now may call Goexit again: those that are left are then ended further down.
func (x *Exec) giveUp(ready chan<- error, err error) {
	x.survive(ready, func() {
		x.loop.endCoroutines()
		x.loop.runAtEnd()
		x.finish(err)
		if ready != nil {
			ready <- x.err
		}
	})
}

// pin puts the thread where the Config wants it.
func (x *Exec) pin() error {
	if len(x.cfg.CPUs) == 0 {
		return nil
	}
	_, err := place.Pin(x.cfg.CPUs)
	if err == nil {
		return nil
	}
	if x.cfg.BestEffort {
		x.cfg.Logger.Warn("exec: running unpinned", "exec", x.cfg.Name, "cpus", x.cfg.CPUs.String(), "error", err)
		return nil
	}
	return fmt.Errorf("exec: %s: %w", x.cfg.Name, err)
}
