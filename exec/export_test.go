package exec

import (
	"time"
	"unsafe"
)

// LanesKnown returns how many lanes the loop of in keeps in mind.
func LanesKnown[T any](in *Inbox[T]) int { return len(in.lanes.order) }

// MaxCalls is how many calls from one Exec may wait until another begins them.
const MaxCalls = DefaultCallCap

// Peers returns how many other Execs x keeps in mind because it has called them. x must not
// be running.
func Peers(x *Exec) int { return len(x.loop.calls.peers) }

// Callers returns how many Execs x will tell when it ends.
func Callers(x *Exec) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.callers)
}

// Asleep reports whether x is parked.
func Asleep(x *Exec) bool { return x.parker.isParked() }

// SetIdleWorker says how long x keeps goroutines for blocking work that have nothing to do.
// It comes before the first job.
func SetIdleWorker(x *Exec, d time.Duration) {
	x.loop.blocking = newBlockingPool(x)
	x.loop.blocking.stay = d
}

// Workers returns how many of these goroutines x has. It comes after the first job.
func Workers(x *Exec) int {
	p := x.loop.blocking
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open
}

// JobsEnded returns how many jobs have ended that the loop of x has not completed.
func JobsEnded(x *Exec) int {
	p := x.loop.blocking
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ended.n
}

// CallLayout returns the size of a call with a small result, and where what the other side
// does not touch begins.
func CallLayout() (size, callers uintptr) {
	var c insideCall[uint64]
	return unsafe.Sizeof(c), unsafe.Offsetof(c.call) + unsafe.Offsetof(c.call.p)
}

// IdleStacks returns how many stacks of coroutines that have ended the loop keeps.
func IdleStacks(l *Local) int { return len(l.idle) }

// BucketOf returns the bucket of a Histogram that d is counted in.
func BucketOf(d time.Duration) int { return bucketOf(d) }

// Observe counts d as the loop does.
func (h *Histogram) Observe(d time.Duration, n uint64) { h.observe(d, n) }

// DetectorSleeps reports whether the detector of stalls sleeps until a loop wakes it.
func DetectorSleeps() bool { return stalls.asleep.Load() }

// Sampler is a sampler.
type Sampler struct{ sampler }

func (s *Sampler) Due(n uint64) bool                      { return n >= s.next }
func (s *Sampler) Took(n uint64, now, every int64) uint64 { return s.took(n, now, every) }

// HoldBoard makes the board of x, which is not running, look as if its loop was in the middle of showing something,
// until release is called.
func HoldBoard(x *Exec) (release func()) {
	step := func() { x.board.seq.StoreRelease(x.board.seq.Load() + 1) }
	step()
	return step
}

func (s *Sampler) Relax(n uint64, now, stale int64) { s.relax(n, now, stale) }

// ProfileGoroutines takes the profile that reports of stalls are made from, and returns how many entries it has.
func ProfileGoroutines() int { return len(goroutines()) }
