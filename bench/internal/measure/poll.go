package measure

import (
	"runtime"
	"time"

	"github.com/pushcore/pushcore/internal/mem"
)

// Poll is how everyone here waits for the other side, peers included: some PAUSEs after a short take, more each time,
// none after a full one. Polling harder takes the line from the other side again and again, and both get slower. The
// zero Poll is for threads that have a cpu each; see Spot.Poll.
type Poll struct {
	pauses int
	empty  int
	since  int64  // when it was still early to ask how long nothing has come
	yield  func() // gives the processor away; nil: nobody else needs it
}

// patience is how many looks in a row find nothing before who shares a cpu gives it away: some 4 us, which is more than
// the other side takes when it runs, and far less than the kernel would let it wait.
const patience = 8

// patient is how long somebody waits for the next item until it must have been lost.
const patient = 20 * time.Second

// earlyLooks are made before one asks for the time, and between asking: some milliseconds.
const earlyLooks = 1 << 10

// Poll returns how each of so many threads waits. Where there are more of them than cpus, they also give the processor
// away after some fruitless looks: pinned threads to the kernel, goroutines to Go's scheduler.
func (s Spot) Poll(threads int) Poll {
	if threads <= len(s.CPUs) {
		return Poll{}
	}
	return Shared(s.Pinned)
}

// Shared is how those wait who may share a cpu with whom they wait for: threads of their own, or goroutines.
func Shared(threads bool) Poll { return Poll{yield: func() { GiveWay(threads) }} }

// GiveWay gives the cpu to another thread that waits for it, or to another goroutine.
func GiveWay(threads bool) {
	if threads {
		Yield()
	} else {
		runtime.Gosched()
	}
}

// Yields says whether the thread shares its cpu, and gives it away at times.
func (p *Poll) Yields() bool { return p.yield != nil }

// Took notes that a look has brought n of full.
func (p *Poll) Took(n, full int) {
	if n >= full {
		p.pauses, p.empty = 0, 0
		return
	}
	p.short(n)
}

func (p *Poll) short(n int) {
	p.pauses = min(2*p.pauses+1, 32)
	for range p.pauses {
		mem.Pause()
	}
	if n > 0 {
		p.empty = 0
		return
	}
	if p.empty++; p.empty%earlyLooks == 0 {
		p.wonder()
	}
	if p.yield != nil && p.empty >= patience {
		p.yield()
	}
}

// wonder ends the goroutine if nothing has come for too long. It does no more, because it may be anybody's: Watch makes
// an error of it.
func (p *Poll) wonder() {
	now := mem.Ticks()
	if p.empty == earlyLooks {
		p.since = now
	} else if mem.TicksDuration(now-p.since) > patient {
		lost.Store(true)
		runtime.Goexit()
	}
}
