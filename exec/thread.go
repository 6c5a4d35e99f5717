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
	x.state = threaded
	x.mu.Unlock()
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
	returned := false
	defer func() {
		if returned || !goexiting() {
			return // or a panic, which ends the program
		}
		// Go cannot stop a Goexit, so the loop goes on on a new thread. Deferred,
		// because OnPanic may call Goexit, too.
		defer x.succeed(ready)
		l.fail(nil, true)
	}()
	err := x.pin()
	l.enter()
	if err == nil && ready != nil {
		err = x.start()
	}
	if err != nil {
		l.leave()
		x.end(err)
		returned = true
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
	x.run()
	l.looping = false
	if f := x.cfg.OnStop; f != nil {
		f(l)
	}
	l.flush()
	l.publish()
	l.leave()
	x.end(nil)
	returned = true
}

// succeed settles what becomes of the loop after a Goexit on its thread.
func (x *Exec) succeed(ready chan<- error) {
	l := x.loop
	l.publish()
	l.leave()
	if l.looping {
		launch(func() { x.thread(nil) })
		return
	}
	x.end(fmt.Errorf("exec: %s: runtime.Goexit was called in OnStart or OnStop", x.cfg.Name))
	if ready != nil {
		ready <- x.err
	}
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

// run is the loop: turns until it is told to end.
func (x *Exec) run() {
	l := x.loop
	defer x.chooseLadder()() // also when a Goexit ends the thread
	for {
		did := l.turn()
		c := x.ctl.Load()
		if c != 0 {
			if x.obey(c, did) {
				return
			}
			if c&ctlWake != 0 {
				continue // Wake may have come too late for the turn just done
			}
		}
		if did > 0 {
			l.ladder.worked(l)
		} else if l.ladder.idle(l) {
			x.park(l.parkFor(), c)
			l.ladder.woken(l)
		}
	}
}

// obey does what the outside wants and reports whether the loop ends.
func (x *Exec) obey(c uint32, did int) bool {
	if c&ctlWake != 0 {
		x.ctl.And(^ctlWake)
	}
	if c&ctlStop != 0 || c&ctlDrain != 0 && did == 0 && x.drained() {
		return true
	}
	if c&ctlDrain != 0 {
		x.loop.held = true // it looks again soon: nobody tells it when the rest can be taken
	}
	return false
}

// drained reports whether everything accepted is done. Timers do not count: their
// tasks are returned.
func (x *Exec) drained() bool {
	l := x.loop
	if l.held || l.queue.len() > 0 {
		return false
	}
	for _, class := range [][]inbox{l.control, l.inboxes} {
		for _, in := range class {
			if !in.empty() {
				return false
			}
		}
	}
	return true
}
