package exec

import (
	"errors"
	"fmt"
	"time"

	"github.com/pushcore/pushcore/internal/gid"
)

// Errors that end a wait early, possibly wrapped.
var (
	ErrCancelled = errors.New("exec: cancelled")
	ErrTimeout   = errors.New("exec: timeout")
	ErrForeign   = errors.New("exec: it belongs to another Exec: only coroutines of that one may wait for it")
)

// errEnding is what a coroutine is cancelled with when its Exec ends.
var errEnding = fmt.Errorf("%w: the Exec ends: %w", ErrCancelled, ErrClosed)

// Co is a coroutine seen from inside: it is handed to the function that [Go] runs, and
// its methods may be called only by that function. They panic elsewhere.
//
// Between two waits a coroutine has its Exec to itself, like a task. What waits returns
// an error when the wait ended early: ErrCancelled once the coroutine has been
// cancelled, and then every wait does, so its deferred functions run, and cannot wait
// again; ErrTimeout within [Co.Within].
//
// Whatever blocks in any other way (a channel, a mutex, file I/O) blocks the Exec and
// everything else on it. Use [Queue] and [Mutex], and [Blocking] for the rest. A
// coroutine must not call runtime.LockOSThread: the runtime would end the program.
type Co struct {
	l       *Local
	carrier *carrier // who runs it, from its beginning to its end; it has the places to wait in
	body    body
	state   coState
	next    *Co // in the ready list
	links   coLinks

	cause error // why it was cancelled, or nil
	drain bool  // it is to be cancelled when the Exec is drained
	scope *scope

	woken int   // in a Select: the index of the case that woke it
	early error // why the wait ended early, or nil

	token bool // a Wake has come that no Park has taken
	ready int  // awaits that did not have to wait, since it last gave way
}

// body is what a coroutine runs: a Join.
type body interface {
	run(co *Co)
	finish(err error) // it has ended; with an error if run did not return or was never called
}

type coState uint8

const (
	coFresh   coState = iota // in the ready list, not begun
	coReady                  // in the ready list
	coRunning                // its carrier holds the loop
	coWaiting                // for something to make it ready
	coDone
)

// Local returns the loop that the coroutine runs on.
func (co *Co) Local() *Local { return co.l }

// Err returns nil until the coroutine is cancelled, and then an error that wraps
// ErrCancelled and the cause.
func (co *Co) Err() error {
	co.mine()
	return co.cause
}

// Yield lets everything else that is ready have its turn.
func (co *Co) Yield() error {
	if err := co.mayWait(); err != nil {
		return err
	}
	co.giveWay()
	return nil
}

func (co *Co) giveWay() {
	co.ready = 0
	co.makeReady()
	if to := co.heir(); to != nil {
		co.l.switchTo(to)
	}
	co.state = coRunning
}

// spend is called by an await that need not wait. Once in AwaitBudget calls it gives
// way, so that a coroutine whose futures are always ready does not keep the loop; also
// when its time is over (Within), which such awaits do not notice.
func (co *Co) spend() {
	if co.ready++; co.ready >= co.l.x.cfg.AwaitBudget && co.cause == nil {
		co.giveWay()
	}
}

// mayTake is mayWait for an await that takes something which others want, too. If it is time
// to give way it does so now, and not once it has taken it: nobody overtakes it then.
func (co *Co) mayTake() error {
	err := co.mayWait()
	if err != nil {
		return err
	}
	if co.ready++; co.ready >= co.l.x.cfg.AwaitBudget {
		co.giveWay()
		err = co.mayWait()
	}
	return err
}

// Sleep waits until d has passed on the Exec's clock; never less. Zero or a negative d
// is a Yield. The error wraps ErrTooMany when MaxTimers are armed.
func (co *Co) Sleep(d time.Duration) error {
	if d <= 0 {
		return co.Yield()
	}
	if err := co.mayWait(); err != nil {
		return err
	}
	if err := co.carrier.place.expireIn(d); err != nil {
		return err
	}
	return co.wait()
}

// Park waits for a Wake of a Waker or LocalWaker of this coroutine. It returns at once
// if there was one since the last Park.
func (co *Co) Park() error {
	if err := co.mayWait(); err != nil {
		return err
	}
	if co.token {
		co.token = false
		co.spend()
		return nil
	}
	return co.await(&co.l.parked)
}

// mine panics unless the caller is the coroutine itself.
func (co *Co) mine() {
	if c := co.carrier; c == nil || c.id != gid.Current() || c.job != co {
		panic(fmt.Sprintf("exec: a Co of Exec %q was used outside its coroutine: it is for the function that was handed it, while that runs", co.l.x.cfg.Name))
	}
}

// maxRefused is how many waits are refused to a coroutine before it is taken for one
// that will never notice.
const maxRefused = 1 << 20

// mayWait returns the error that any wait returns now, or nil.
func (co *Co) mayWait() error {
	co.mine()
	if err := co.cause; err != nil {
		if co.ready++; co.ready > maxRefused {
			panic(fmt.Sprintf("exec: a coroutine of Exec %q has tried to wait %d times since it was cancelled: it must return when a wait returns an error", co.l.x.cfg.Name, maxRefused))
		}
		return err
	}
	for s := co.scope; s != nil; s = s.outer {
		if s.over {
			return ErrTimeout
		}
	}
	return nil
}

// heir returns who has the loop next, after this coroutine: nil if it is the coroutine
// itself.
func (co *Co) heir() *strand {
	l := co.l
	switch next := l.nextReady(); next {
	case nil:
		return &l.base
	case co:
		return nil
	default:
		return l.strandOf(next)
	}
}

// cancel makes this and every later wait return an error.
func (co *Co) cancel(cause error) {
	if co.state == coDone || co.cause != nil {
		return
	}
	co.cause = cause
	co.ready = 0
	co.l.n[cCancelled]++
	co.interrupt(cause)
}
