package exec

import (
	"fmt"
	"time"

	"github.com/pushcore/pushcore/internal/mem"
)

// Step runs one turn in the calling goroutine, without any thread: the same turn
// that a started Exec runs. It reports whether the turn did anything, and how
// long it is until the next timer or source is due: 0 if one is due now, Never if
// there is none. When a timer was stopped or reset, that may be earlier than the
// next one is due, and the turn at that time does nothing; it is never later.
// OnStart runs before the first turn. Step does not wait and does not park; with
// Config.Clock it is deterministic. (With Config.Sim it parks in the Simulator's hands.)
//
// Only one goroutine may step an Exec at a time, and only while it is not started;
// Step panics otherwise. After Drain or Stop it does nothing and reports false. Who steps an
// Exec ends it with one of these: until then its coroutines keep their goroutines.
func (x *Exec) Step() (worked bool, next time.Duration) {
	x.mu.Lock()
	switch x.state {
	case threaded:
		x.mu.Unlock()
		panic(fmt.Sprintf("exec: Step of %q, which was started", x.cfg.Name))
	case stepping:
		x.mu.Unlock()
		panic(fmt.Sprintf("exec: Step of %q while another Step of it is in progress", x.cfg.Name))
	case ended:
		x.mu.Unlock()
		return false, Never
	}
	x.state = stepping
	x.mu.Unlock()

	l := x.loop
	returned := false
	l.enter()
	defer func() {
		if !returned { // a panic, on its way to the caller, or a Goexit
			l.fail(nil, goexiting())
			l.publish()
		}
		x.board.turn.StoreRelease(0)
		l.leave()
		x.mu.Lock()
		x.state = made
		x.mu.Unlock()
		if x.ctl.Load()&ctlStop != 0 {
			x.Stop()
		}
	}()
	if err := x.start(); err != nil {
		returned = true
		x.err = err
		x.ctl.Or(ctlStop) // the Exec ends on the way out
		panic(err)
	}
	x.simAwake()
	x.ctl.And(^ctlWake)
	if x.ctl.Load()&ctlQuiesce != 0 {
		l.quiesce()
	}
	l.resetTicks() // the time since the last Step is no part of the turn
	worked = l.turn() > 0
	next = l.untilNext()
	if !worked {
		x.simPark()
	}
	returned = true
	return worked, next
}

// start runs OnStart once.
func (x *Exec) start() error {
	l := x.loop
	if l.started {
		return nil
	}
	l.started = true
	l.slice, l.longTurn = ticksOf(l.x.cfg.Slice), ticksOf(longTurn)
	l.setPace()
	l.beginTurn()
	defer func() {
		l.beginTurn()
		l.publish() // and so ask for the time of what is sent first
	}()
	if f := x.cfg.OnStart; f != nil {
		l.reserve = true
		if err := f(l); err != nil {
			return fmt.Errorf("exec: %s: OnStart: %w", x.cfg.Name, err)
		}
	}
	return nil
}

// beginTurn notes the time from which ShouldYield counts.
func (l *Local) beginTurn() {
	l.lastTicks = mem.Ticks()
	if l.x.cfg.Clock != nil {
		l.began = l.clock()
	}
}
