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
// its methods may be called only by that function. All but Local panic elsewhere.
//
// Between two waits a coroutine has its Exec to itself, like a task. What waits returns
// an error when the wait ended early: ErrCancelled once the coroutine has been
// cancelled, and then every wait does, so its deferred functions run, and cannot wait
// again; ErrTimeout within [Co.Within].
//
// Whatever blocks in any other way (a channel, a mutex, file I/O) blocks the Exec and
// everything else on it. Use [Queue] and [Mutex], and [Blocking] for the rest. A
// coroutine must not call runtime.LockOSThread or UnlockOSThread: the runtime would end
// the program.
type Co struct {
	l       *Local
	carrier *carrier // who runs it, from its beginning to its end
	body    body
	next    *Co    // in the ready list
	cause   *error // why it was cancelled, or nil

	at    int32  // its place in the list of those that live
	gen   uint32 // counts the coroutines that this Co has been: see coRef
	state coState
	hop   uint8 // how often going first was passed on until it came to this one: see line
	drain bool  // it is to be cancelled when the Exec is drained
}

// body is what a coroutine runs: a Join, or nothing but a function.
type body interface {
	run(co *Co)
	ended(err error) // with an error if run did not return, or was never called
}

// coRef is a Co that may have ended since, and become another one.
type coRef struct {
	co  *Co
	gen uint32
}

func (co *Co) ref() coRef { return coRef{co, co.gen} }

// get returns the Co, or nil if it has ended.
func (r coRef) get() *Co {
	if r.co.gen != r.gen {
		return nil
	}
	return r.co
}

type coState uint8

const (
	coFresh   coState = iota // in the ready list, not begun
	coReady                  // in the ready list
	coRunning                // its carrier holds the loop
	coWaiting                // for something to make it ready
	coDone
)

// Current returns the coroutine that calls it, or nil if the caller is no coroutine of this
// Exec: for what must look like something that is called without one (an io.Reader). Unlike
// all else of a Local, any goroutine may call it.
func (l *Local) Current() *Co {
	if !l.OnLoop() || l.on.c == nil {
		return nil
	}
	return l.on.c.job
}

// Local returns the loop that the coroutine runs on.
func (co *Co) Local() *Local { return co.l }

// Err returns nil until the coroutine is cancelled, and then an error that wraps
// ErrCancelled and the cause.
func (co *Co) Err() error {
	co.mine()
	return co.cancelled()
}

func (co *Co) cancelled() error {
	if co.cause == nil {
		return nil
	}
	return *co.cause
}

// Yield lets everything else that is ready have its turn.
func (co *Co) Yield() error {
	if err := co.mayWait(); err != nil {
		return err
	}
	co.queueUp()
	co.l.switchTo(co.l.heir())
	return co.cancelled()
}

// queueUp puts a coroutine that gives way in line for the next round.
func (co *Co) queueUp() {
	co.carrier.ready = 0
	co.state = coReady
	co.hop = 0
	co.l.yielded.push(co)
}

// spend is called by an await that need not wait. Once in AwaitBudget calls it gives
// way, so that a coroutine whose futures are always ready does not keep the loop.
func (co *Co) spend() {
	if co.carrier.ready++; co.carrier.ready >= co.l.x.cfg.AwaitBudget && co.cause == nil {
		co.queueUp()
		co.l.switchTo(co.l.heir())
	}
}

// mayTake is mayWait for an await that takes something which others want, too. If it is time
// to give way it does so now, and not once it has taken it: nobody overtakes it then.
func (co *Co) mayTake() error {
	err := co.mayWait()
	if err != nil {
		return err
	}
	if co.carrier.ready++; co.carrier.ready >= co.l.x.cfg.AwaitBudget {
		co.queueUp()
		co.l.switchTo(co.l.heir())
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
	if co.carrier.token {
		co.carrier.token = false
		co.spend()
		return nil
	}
	co.l.parked.push(&co.carrier.place)
	co.l.switchTo(co.suspend())
	return co.carrier.early
}

// mine panics unless the caller is the coroutine itself.
func (co *Co) mine() {
	if c := co.carrier; c == nil || c.id != gid.Current() || c.job != co {
		panic(fmt.Sprintf("exec: a Co of Exec %q was used outside its coroutine: it is for the function that was handed it, while that runs", co.l.x.cfg.Name))
	}
}

// maxRefused is how many waits in a row are refused to a coroutine before it is taken for
// one that will never notice.
const maxRefused = 1 << 20

// mayWait returns the error that any wait returns now, or nil.
func (co *Co) mayWait() error {
	co.mine()
	if err := co.cancelled(); err != nil {
		return co.refused(err)
	}
	for s := co.carrier.scope; s != nil; s = s.outer {
		if s.over {
			return co.refused(ErrTimeout)
		}
	}
	return nil
}

// refused counts the waits that were refused: each gives nobody else a turn.
func (co *Co) refused(err error) error {
	if co.carrier.ready++; co.carrier.ready > maxRefused {
		panic(fmt.Sprintf("exec: a coroutine of Exec %q has tried to wait %d times in vain (%v): it must return when a wait returns an error", co.l.x.cfg.Name, maxRefused, err))
	}
	return err
}

// heir returns who has the loop after a coroutine that waits.
func (l *Local) heir() *strand {
	if next := l.nextReady(); next != nil {
		return l.strandOf(next)
	}
	return &l.base
}

// cancel makes this and every later wait return an error.
func (co *Co) cancel(cause *error) {
	if co.state == coDone || co.cause != nil {
		return
	}
	co.cause = cause
	co.l.n[cCancelled]++
	co.interrupt(*cause)
}
