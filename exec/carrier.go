package exec

import (
	"fmt"
	"runtime/debug"
	"slices"
	"time"
)

// carrier is a pooled goroutine that runs coroutines, one after the other. It belongs to
// one run of an Exec and is made, woken and ended only by what holds the loop.
//
// A carrier whose coroutine has ended takes the next one that has not begun at once,
// without any switch, or lies down in the pool. There it is the last of KeepCoroutines
// at most; beyond these it ends, and those that were not needed for a while end, too.
type carrier struct {
	strand
	l      *Local
	job    *Co     // what it runs, or is to run when it wakes; nil: it is to end
	heir   *strand // who gets the loop when it has ended
	coWait         // the job's

	panicked *Panic // what the job has just ended with
	exit     int    // Goexits that it is in the middle of
	ended    bool
}

// maxExits is how many Goexits a carrier survives, each some frames deeper in its stack.
// It is kept asleep after that.
const maxExits = 64

// carrierFor finds a carrier for a coroutine that begins.
func (l *Local) carrierFor(co *Co) *carrier {
	var c *carrier
	if last := len(l.idle) - 1; last >= 0 {
		c, l.idle = l.idle[last], l.idle[:last]
		l.idleLow = min(l.idleLow, last)
	} else {
		c = &carrier{l: l}
		c.strand.c = c
		c.place.c, c.place.owner = c, &c.place
		if l.threaded {
			c.slot = newSlot(c.main)
		} else {
			c.wake = make(chan struct{})
			go func() {
				<-c.wake
				c.main()
			}()
		}
	}
	c.job, co.carrier = co, c
	return c
}

// main is the life of a carrier.
func (c *carrier) main() {
	l := c.l
	c.identify()
	l.hold(&c.strand)
	defer func() { // also when the carrier ends in the middle of a Goexit
		c.ended = true
		l.hold(c.heir)
		if c.heir.wake != nil {
			c.heir.wake <- struct{}{}
		}
	}()
	for c.job != nil {
		c.serve()
	}
}

// serve runs coroutines until the carrier is to end.
//
// A Goexit cannot be stopped, but it can be held up: the carrier goes on in the deferred
// function that it runs.
func (c *carrier) serve() {
	l := c.l
	returned := false
	defer func() {
		if returned || c.job == nil { // no job: a Goexit that ends the carrier, see endExited
			return
		}
		p := c.panicked // a panic in the middle of the Goexit
		c.panicked = nil
		if p == nil {
			p = &Panic{Goexit: true, Stack: debug.Stack()}
		}
		c.job.failed(*p)
		if c.wake != nil { // not bound to a thread: let it end
			c.job, c.heir = nil, l.heir()
			return
		}
		if c.exit++; c.exit == 1 {
			l.countExited()
		}
		l.switchTo(c.rest())
		for c.job != nil {
			c.serve()
		}
	}()
	for c.job != nil {
		c.attempt()
		if p := c.panicked; p != nil {
			c.panicked = nil
			c.job.failed(*p)
			l.switchTo(c.rest())
		}
	}
	returned = true
}

// attempt is serve until one of the coroutines panics. It only notes the panic: the
// Goexit in whose middle it may have come goes on when the deferred function returns,
// and serve sees which it is.
func (c *carrier) attempt() {
	l := c.l
	returned := false
	defer func() {
		if returned || c.job == nil {
			return
		}
		if v := recover(); v != nil {
			c.panicked = &Panic{Value: v, Stack: debug.Stack()}
		}
	}()
	for c.job != nil {
		c.job.runs()
		l.switchTo(c.rest())
	}
	returned = true
}

// rest returns who has the loop next: the carrier itself, if it has another coroutine to run,
// or is to end.
func (c *carrier) rest() *strand {
	l := c.l
	c.job = nil
	to := &l.base
	if co := l.nextReady(); co != nil {
		switch {
		case co.carrier != nil:
			to = &co.carrier.strand
		case c.exit < maxExits:
			c.job, co.carrier = co, c
			return &c.strand
		default:
			to = &l.carrierFor(co).strand
		}
	}
	c.heir = to
	switch {
	case c.exit >= maxExits:
		l.worn = append(l.worn, c)
	case c.exit == 0 && len(l.idle) >= l.x.cfg.KeepCoroutines:
		return &c.strand
	default:
		l.idle = append(l.idle, c)
	}
	return to
}

// countExited counts a carrier that will be kept until the Exec ends, whatever it does. There
// may be KeepCoroutines of them; one more ends the Exec.
func (l *Local) countExited() {
	if l.exited++; l.exited <= l.x.cfg.KeepCoroutines {
		return
	}
	x := l.x
	x.mu.Lock()
	if x.fatal == nil {
		x.fatal = fmt.Errorf("exec: %s: runtime.Goexit was called in so many coroutines that %d stacks are kept for it (KeepCoroutines): Go cannot stop a Goexit", x.cfg.Name, l.exited)
	}
	x.mu.Unlock()
	x.Stop()
}

// trimAfter is how long an idle carrier is kept at least, in ticks of about a second.
// trimPause is how long an Exec sleeps at most while it has some to trim: the first look
// at them only counts, and nothing else may ever wake it.
const (
	trimAfter = 1 << 30
	trimPause = time.Second
)

// trims reports whether there are idle carriers that can end. A simulation has no second
// to wait.
func (l *Local) trims() bool {
	return l.x.cfg.Sim == nil && slices.ContainsFunc(l.idle, func(c *carrier) bool { return c.exit == 0 })
}

// trim ends half of the carriers that nobody has needed since the last trim. The base
// calls it before it parks, and now and then while it polls in vain.
func (l *Local) trim() {
	if len(l.idle) == 0 || l.lastTicks-l.trimmed < trimAfter {
		return
	}
	l.trimmed = l.lastTicks
	l.endIdle((l.idleLow + 1) / 2)
	l.idleLow = len(l.idle)
}

// endIdle ends the n carriers that have been idle for longest, but for those that are in
// the middle of a Goexit. The base calls it.
func (l *Local) endIdle(n int) {
	var kept []*carrier
	for i, c := range l.idle {
		if i >= n || c.exit > 0 {
			kept = append(kept, c)
			continue
		}
		c.heir = &l.base
		l.switchTo(&c.strand)
	}
	l.idle = kept
}

// endExited ends the carriers that are in the middle of a Goexit. On a thread the Goexit
// goes on in whoever slept in the slot of the one that ends. That may be another one of
// them, which then ends at once, so all must know beforehand who their heir is. Or it is
// the caller, the base: this is the last thing that the base does.
func (l *Local) endExited() {
	cs := append(l.idle, l.worn...)
	l.idle, l.worn = nil, nil
	for _, c := range cs {
		c.heir = &l.base
	}
	l.endEach(cs)
}

func (l *Local) endEach(cs []*carrier) {
	if len(cs) == 0 {
		return
	}
	defer l.endEach(cs[1:])
	if c := cs[0]; !c.ended {
		l.switchTo(&c.strand)
	}
}
