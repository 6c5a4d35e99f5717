package netio

import (
	"sync/atomic"

	"github.com/pushcore/pushcore/exec"
)

// attention is the connections that other goroutines want something of: that they close, or
// notice a new deadline. A connection is in the list once at most.
type attention struct {
	head  atomic.Pointer[Conn] // the last one first
	waker *exec.Waker
}

// attended is what a Conn needs to be in the list.
type attended struct {
	listed atomic.Bool
	next   *Conn // belongs to whoever has set listed, then to the loop
}

// want has the loop look at c. Any goroutine may call it.
func (a *attention) want(c *Conn) {
	if c.attended.listed.Swap(true) {
		return
	}
	for {
		next := a.head.Load()
		c.attended.next = next
		if a.head.CompareAndSwap(next, c) {
			break
		}
	}
	a.waker.Wake()
}

// attend is the Reactor as the task of the waker.
type attend Reactor

// Run looks at the connections of the list.
func (r *attend) Run(*exec.Local) {
	for c := r.attention.head.Swap(nil); c != nil; {
		next := c.attended.next
		c.attended.next = nil
		c.attended.listed.Store(false) // before the look: what is wanted from now on is another one
		if c.closed.Load() {
			c.shut()
		}
		c.in.signal.WakeAll()
		c.out.signal.WakeAll()
		c = next
	}
}
