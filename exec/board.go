package exec

import (
	"runtime"
	"time"

	"github.com/pushcore/pushcore/internal/mem"
)

// board is where the loop shows its counters, with the sheets of its inboxes and sources. It is a sequence lock with
// one writer: seq is odd while words are being replaced, and a reader that saw it odd or changed looks again.
//
// The loop shows what it has counted when it goes to sleep, and otherwise showEvery after it has shown something last,
// so that counting costs a busy loop next to nothing and readers have time to look. (docs/models/board.pml)
type board struct {
	_     mem.Pad
	seq   mem.Index
	turn  mem.Index // ticks at the beginning of the turn under way; 0: the loop sleeps, or is not there
	woke  mem.Index // ticks when the thread last woke
	hold  mem.Index // a reader cannot get through: the loop is not to show anything but before it sleeps
	words [cEnd]mem.Index
	_     mem.Pad
}

const showEvery = 50 * time.Microsecond

// publish shows everything: no locked instruction.
func (l *Local) publish() {
	l.gauges()
	b := &l.x.board
	seq := b.seq.Load()
	b.seq.StoreRelease(seq + 1)
	mem.StoreReleaseAll(b.words[:], l.n[:])
	l.turnTime.show()
	l.runTime.show()
	l.timerLag.show()
	for _, s := range l.sheets {
		s.show(l)
	}
	for _, s := range l.sources {
		s.show(l)
	}
	b.seq.StoreRelease(seq + 2)
	l.shownAt, l.unshown = l.lastTicks, false
	l.timed.relax(l.n[cRan], l.lastTicks, l.pace.stale)
	l.timedCo.relax(l.n[cResumes], l.lastTicks, l.pace.stale)
	l.timedTurn.relax(l.short, l.lastTicks, l.pace.stale)
	l.timedLag.relax(l.fired, l.lastTicks, l.pace.stale)
}

// publishIfDue is publish, if there is something new and the last time was long enough ago; always in Step.
func (l *Local) publishIfDue() {
	if (l.unshown || !l.threaded) && l.lastTicks-l.shownAt >= l.pace.show && l.x.board.hold.Load() == 0 {
		l.publish()
	}
}

// look calls read, which loads what is shown, until the loop has shown nothing new meanwhile. It is called with mu held:
// by one reader at a time, and no Step begins. If there is so much to read that the loop is faster again and again, it is
// asked to wait.
func (b *board) look(read func()) {
	for try := 1; ; try++ {
		seq := b.seq.Load()
		if seq%2 == 0 {
			if read(); b.seq.Load() == seq {
				break
			}
		}
		if try == tries {
			b.hold.StoreRelease(1)
		}
		runtime.Gosched() // in the middle of showing it may be without a processor
	}
	if b.hold.Load() != 0 {
		b.hold.StoreRelease(0)
	}
}

// tries is how often a reader tries before it asks the loop to wait.
const tries = 3

// sleepSoFar books the sleep under way, or the last one if the loop has shown nothing since.
func (b *board) sleepSoFar(n *counters) {
	since := int64(n[cSince])
	if since == 0 {
		return
	}
	end := int64(b.woke.Load())
	if end-since < 0 {
		end = mem.Ticks()
	}
	slept := uint64(max(end-since, 0))
	n[cIdle] += slept
	n[cSlept] += slept
}

func (b *board) read() (n counters) {
	for i := range b.words {
		n[i] = b.words[i].Load()
	}
	return n
}
