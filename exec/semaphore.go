package exec

import "fmt"

// Semaphore is a number of permits that coroutines of one Exec share. Who asks first is
// served first: one who wants many permits is not overtaken by those who want few.
// Nothing in it is atomic.
type Semaphore struct {
	l       *Local
	size    int
	free    int
	waiters waitList
	serving bool
}

// NewSemaphore returns a Semaphore with n permits, all free. It panics if n < 1.
func NewSemaphore(l *Local, n int) *Semaphore {
	l.check()
	if n < 1 {
		panic(fmt.Sprintf("exec: NewSemaphore with %d permits: it must be at least 1", n))
	}
	return &Semaphore{l: l, size: n, free: n}
}

// Acquire waits for n permits. It panics if n is negative or more than there are.
func (s *Semaphore) Acquire(co *Co, n int) error {
	if s.l != co.l {
		return ErrForeign
	}
	if err := co.mayWait(); err != nil {
		return err
	}
	if s.TryAcquire(n) {
		co.spend()
		return nil
	}
	co.carrier.place.sem, co.carrier.place.want = s, n
	return co.await(&s.waiters)
}

// TryAcquire takes n permits if they are free and nobody waits for any.
func (s *Semaphore) TryAcquire(n int) bool {
	s.l.check()
	if n < 0 || n > s.size {
		panic(fmt.Sprintf("exec: %d permits were asked of a Semaphore that has %d", n, s.size))
	}
	if !s.waiters.empty() || s.free < n {
		return false
	}
	s.free -= n
	return true
}

// Release gives n permits back. It panics if more are given back than were taken.
func (s *Semaphore) Release(n int) {
	s.l.check()
	if n < 0 || n > s.size-s.free {
		panic(fmt.Sprintf("exec: %d permits were given back to a Semaphore, of which %d were taken", n, s.size-s.free))
	}
	s.free += n
	s.serve()
}

// Free returns how many permits are free.
func (s *Semaphore) Free() int { return s.free }

// Acquiring returns a Case that takes n permits.
func (s *Semaphore) Acquiring(n int) Case { return acquiring{s, n} }

// serve hands out free permits to those who wait.
func (s *Semaphore) serve() {
	if s.serving {
		return
	}
	s.serving = true
	for w := s.waiters.head; w != nil && w.want <= s.free; w = s.waiters.head {
		s.free -= w.want
		w.fire(nil)
	}
	s.serving = false
}

type acquiring struct {
	s *Semaphore
	n int
}

func (a acquiring) loop() *Local       { return a.s.l }
func (a acquiring) try() (bool, error) { return a.s.TryAcquire(a.n), nil }
func (a acquiring) taken() error       { return nil }
func (a acquiring) enlist(w *waiter) error {
	w.sem, w.want = a.s, a.n
	a.s.waiters.push(w)
	return nil
}

// Mutex lets one coroutine of an Exec at a time through, in the order in which they come.
// It is needed only where a coroutine waits for something in the middle: between two waits
// it has the Exec to itself anyway.
type Mutex struct{ s *Semaphore }

// NewMutex returns a Mutex that is not locked.
func NewMutex(l *Local) *Mutex { return &Mutex{NewSemaphore(l, 1)} }

// Lock waits until the Mutex is the caller's. It is not, if Lock returns an error.
func (m *Mutex) Lock(co *Co) error { return m.s.Acquire(co, 1) }

// TryLock locks the Mutex if it is not locked.
func (m *Mutex) TryLock() bool { return m.s.TryAcquire(1) }

// Unlock hands the Mutex to whoever has waited for longest. It panics if it is not locked.
func (m *Mutex) Unlock() {
	if m.s.free > 0 {
		panic("exec: Unlock of a Mutex that is not locked")
	}
	m.s.Release(1)
}

// Locking returns a Case that locks the Mutex.
func (m *Mutex) Locking() Case { return m.s.Acquiring(1) }
