package exec

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/pushcore/pushcore/internal/gid"
)

// OnLoop reports whether the calling goroutine holds the loop of some Exec: whether it is
// a loop, or a coroutine of one. Methods that block use it to refuse with ErrOnLoop. It
// costs a few nanoseconds for each Exec that runs.
func OnLoop() bool {
	id := gid.Current()
	for _, l := range loops.load() {
		if uintptr(l.owner.Load()) == id {
			return true
		}
	}
	return false
}

// OnLoop reports whether the caller is on this loop: its base, or one of its coroutines.
// Any goroutine may call it.
func (l *Local) OnLoop() bool { return uintptr(l.owner.Load()) == gid.Current() }

// loops are those that run now.
var loops registry

// registry is a small set, read often and changed when loops begin and end.
type registry struct {
	mu  sync.Mutex
	set atomic.Pointer[[]*Local] // never changed in place
}

func (r *registry) load() []*Local {
	if p := r.set.Load(); p != nil {
		return *p
	}
	return nil
}

func (r *registry) add(l *Local) {
	r.mu.Lock()
	defer r.mu.Unlock()
	set := append(slices.Clone(r.load()), l)
	r.set.Store(&set)
}

func (r *registry) remove(l *Local) {
	r.mu.Lock()
	defer r.mu.Unlock()
	set := slices.Clone(r.load())
	if i := slices.Index(set, l); i >= 0 {
		set = slices.Delete(set, i, i+1)
	}
	r.set.Store(&set)
}

// enter makes the calling goroutine the base of the loop, and lets it hold it.
func (l *Local) enter() {
	l.base.identify()
	if !l.threaded && l.base.wake == nil {
		l.base.wake = make(chan struct{})
	}
	l.hold(&l.base)
	loops.add(l)
}

// leave ends the calling goroutine's time as the base.
func (l *Local) leave() {
	loops.remove(l)
	l.owner.StoreRelease(0)
}

// mustHold panics unless the caller holds the loop: it is about to wake a coroutine, and one
// that were woken from elsewhere would be lost, or would run twice. Checked builds find such
// mistakes before.
func (l *Local) mustHold() {
	if !l.OnLoop() {
		panic(fmt.Sprintf("exec: what a coroutine of Exec %q waits for was completed on another goroutine than its loop: send a Task through the *Exec, or wake a Waker", l.x.cfg.Name))
	}
}
