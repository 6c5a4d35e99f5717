package exec

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/pushcore/pushcore/internal/gid"
)

// OnLoop reports whether the calling goroutine is the loop of some Exec. Methods
// that block use it to refuse with ErrOnLoop. It costs a few nanoseconds.
func OnLoop() bool { return loops.has(gid.Current()) }

// loops are the goroutines that run loops now.
var loops registry

// registry is a small set, read often and changed when loops begin and end.
type registry struct {
	mu  sync.Mutex
	set atomic.Pointer[[]uintptr] // never changed in place
}

func (r *registry) load() []uintptr {
	if p := r.set.Load(); p != nil {
		return *p
	}
	return nil
}

func (r *registry) has(id uintptr) bool { return slices.Contains(r.load(), id) }

func (r *registry) add(id uintptr) {
	r.mu.Lock()
	defer r.mu.Unlock()
	set := append(slices.Clone(r.load()), id)
	r.set.Store(&set)
}

func (r *registry) remove(id uintptr) {
	r.mu.Lock()
	defer r.mu.Unlock()
	set := slices.Clone(r.load())
	if i := slices.Index(set, id); i >= 0 {
		set = slices.Delete(set, i, i+1)
	}
	r.set.Store(&set)
}

// leave ends the calling goroutine's time as the loop.
func (l *Local) leave() {
	loops.remove(l.owner.Load())
	l.owner.Store(0)
}
