package exec

import (
	"time"

	"github.com/pushcore/pushcore/internal/mem"
)

// board is where the loop shows its counters, with the sheets of its inboxes and sources. It is a sequence lock with
// one writer: seq is odd while words are being replaced, and a reader that saw it odd or changed looks again.
//
// The loop shows what it has counted when it goes to sleep, and otherwise showEvery after it has shown something last,
// so that counting costs a busy loop next to nothing and readers have time to look.
type board struct {
	_     mem.Pad
	seq   mem.Index
	turn  mem.Index // ticks at the beginning of the turn under way; 0: the loop sleeps, or is not there
	words [cEnd]mem.Index
	_     mem.Pad
}

const showEvery = 25 * time.Microsecond

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
	l.timed.hurry(l.n[cTasks], l.lastTicks, l.pace.stale)
	l.timedCo.hurry(l.n[cResumes], l.lastTicks, l.pace.stale)
	l.timedTurn.hurry(l.short, l.lastTicks, l.pace.stale)
}

// publishIfDue is publish, if there is something new and the last time was long enough ago; always in Step.
func (l *Local) publishIfDue() {
	if (l.unshown || !l.threaded) && l.lastTicks-l.shownAt >= l.pace.show {
		l.publish()
	}
}

// look calls read, which loads what is shown, until the loop has shown nothing new meanwhile. It is called with mu
// held, so that a loop that is stepped stands still.
func (b *board) look(read func()) {
	for {
		seq := b.seq.Load()
		if seq%2 == 0 {
			if read(); b.seq.Load() == seq {
				return
			}
		}
		mem.Pause()
	}
}

func (b *board) read() (n counters) {
	for i := range b.words {
		n[i] = b.words[i].Load()
	}
	return n
}
