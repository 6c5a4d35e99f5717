package netio

import (
	"sync/atomic"

	"github.com/pushcore/pushcore/exec"
)

// attention is the sockets that other goroutines want something of: that they close, or
// notice a new deadline. A socket is in the list once at most.
type attention struct {
	head  atomic.Pointer[socket] // the last one first
	waker *exec.Waker
}

// attended is what a socket needs to be in the list.
type attended struct {
	listed atomic.Bool
	next   *socket // belongs to whoever has set listed, then to the loop
}

// want has the loop look at s. Any goroutine may call it.
func (a *attention) want(s *socket) {
	if s.attended.listed.Swap(true) {
		return
	}
	for {
		next := a.head.Load()
		s.attended.next = next
		if a.head.CompareAndSwap(next, s) {
			break
		}
	}
	a.waker.Wake()
}

// attend is the Reactor as the task of the waker.
type attend Reactor

// Run looks at the sockets of the list.
func (r *attend) Run(*exec.Local) { r.look(r.attention.head.Swap(nil)) }

func (r *attend) look(first *socket) {
	defer func() { // if an OnClose panics, the others have their turn nevertheless
		if first != nil {
			r.look(first)
		}
	}()
	for first != nil {
		s := first
		first, s.attended.next = s.attended.next, nil
		s.attended.listed.Store(false) // before the look: what is wanted from now on is another one
		if s.closed.Load() {
			s.dispose()
		}
		s.wakeAll()
	}
}
