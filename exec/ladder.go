package exec

import (
	"runtime"
	"sync/atomic"
	"time"

	"github.com/klauspost/cpuid/v2"

	"github.com/pushcore/pushcore/exec/place"
	"github.com/pushcore/pushcore/internal/backoff"
	"github.com/pushcore/pushcore/internal/mem"
)

// ladder decides what an Exec does between turns: go on, pause a little, park.
type ladder struct {
	spin  int64 // ticks of polling in vain before a park; 0: park at once, negative: never
	since int64 // ticks at the end of the last turn that did something
	empty int   // turns in vain since then
	gap   gapSearch
	wary  int   // how often to park instead of yielding, because the last yield took long
	ps    int64 // GOMAXPROCS when last looked
	parks int   // since it was looked at
}

// crowded reports whether there are more loops than Ps: one that polls in vain keeps its P from
// another that has work.
func (d *ladder) crowded() bool { return threads.Load() > d.ps }

const (
	longBatch   = 64      // items in a turn from which on there is no pause before the next
	idlePauses  = 8       // PAUSEs between polls in vain, at most
	idlePatient = 64      // turns in vain per PAUSE added
	idleYield   = 64      // turns in vain between yields of the processor
	idleTrim    = 1 << 16 // turns in vain between looks at what can be given back
	idleWary    = 64      // parks instead of yields after a yield that took long
	parksPerPs  = 16      // parks between looks at GOMAXPROCS, which take a lock of the runtime's
)

// Default spins.
const (
	spinBare    = 100 * time.Microsecond
	spinVirtual = 200 * time.Microsecond
)

// worked is called after a turn that did something.
func (d *ladder) worked(l *Local) {
	d.since, d.empty = l.lastTicks, 0
	if l.queue.head != l.queue.tail || l.anyReady() {
		return // local work: no pause
	}
	d.gap.note(l.did, l.lastTicks)
	if l.did < longBatch {
		pause(d.gap.pauses)
	}
}

// idle is called after a turn that did nothing. It reports whether to park.
func (d *ladder) idle(l *Local) (park bool) {
	if d.empty++; d.empty%idleTrim == 0 {
		l.trim() // one that never parks does it here
		l.publish()
		d.ps = ps()
	}
	if d.empty == idlePatient {
		d.gap = gapSearch{} // the stream has ended
	}
	if d.spin >= 0 && d.empty > 1 && (l.lastTicks-d.since >= d.spin || d.crowded()) {
		return true
	}
	if d.spin == 0 || d.spin > 0 && d.empty%idleYield == 0 {
		if d.wary > 0 {
			d.wary--
			return true
		}
		d.yield(l)
		return false
	}
	pause(min(d.empty/idlePatient, idlePauses))
	return false
}

// yield gives the processor to another thread that waits for it: it may be about to send
// something, and polling would keep it from that. What this takes is no time spent polling. One that
// takes the whole of a time slice has work of its own and sends nothing: the kernel would take the
// processor from it for a loop that is woken, and does not for one that has yielded.
func (d *ladder) yield(l *Local) {
	before := l.lastTicks
	l.x.board.turn.StoreRelease(0) // it is not in a turn
	if backoff.Yield() > backoff.Long {
		d.wary = idleWary
	}
	l.resetTicks()
	d.since += l.lastTicks - before
}

// woken is called after a park. What woke the Exec may be on its way: it polls
// anew before it parks again.
func (d *ladder) woken(l *Local) {
	l.resetTicks()
	if d.parks++; d.parks%parksPerPs == 0 {
		d.ps = ps()
	}
	d.since, d.empty, d.gap = l.lastTicks, 0, gapSearch{}
}

func pause(n int) {
	for range n {
		mem.Pause()
	}
}

// resetTicks books the time since the last turn as idle.
func (l *Local) resetTicks() {
	now := mem.Ticks()
	l.n[cIdle] += uint64(now - l.lastTicks)
	l.lastTicks = now
}

// ps is the number of Ps.
func ps() int64 { return int64(runtime.GOMAXPROCS(0)) }

// Of this process.
var (
	threads  atomic.Int64 // loops on threads of their own
	spinners atomic.Int64 // those of them that poll
)

// chooseLadder settles how long this Exec spins, and returns what undoes it.
func (x *Exec) chooseLadder() (release func()) {
	d := &x.loop.ladder
	d.since, d.ps = mem.Ticks(), ps()
	spin := x.cfg.Spin
	if spin < 0 {
		d.spin = 0
		return func() {}
	}
	n := spinners.Add(1)
	limit, why := processors()
	if n >= limit {
		if spin != SpinForever {
			spinners.Add(-1)
			d.spin = 0
			x.cfg.Logger.Info("exec: parking at once when idle, because polling would take the last processor", "exec", x.cfg.Name, "polling", n-1, "limit", limit, "limited by", why)
			return func() {}
		}
		x.cfg.Logger.Warn("exec: more polling loops than processors allow beside other goroutines and the garbage collector", "exec", x.cfg.Name, "polling", n, "limit", limit, "limited by", why)
	}
	switch spin {
	case SpinForever:
		d.spin = -1
	case 0:
		spin = spinBare
		if cpuid.CPU.Has(cpuid.HYPERVISOR) {
			spin = spinVirtual
		}
		fallthrough
	default:
		d.spin = max(ticksOf(spin), 1)
	}
	return func() { spinners.Add(-1) }
}

// ticksOf converts a duration to ticks.
func ticksOf(d time.Duration) int64 {
	const unit = 1 << 20
	return int64(float64(d) * unit / float64(mem.TicksDuration(unit)))
}

// processors returns how many threads may poll at once, and what sets the limit.
func processors() (limit int64, why string) {
	limit, why = ps(), "GOMAXPROCS"
	if quota, limited := place.Quota(); limited && int64(quota) < limit {
		limit, why = max(int64(quota), 1), "cgroup quota"
	}
	return limit, why
}
