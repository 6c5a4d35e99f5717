package exec

// gapSearch finds how long to pause between polls while items stream in.
//
// A loop that polls an almost empty ring takes the line of the index away from the
// sender for every item, and a sender that could send every 8 ns sends every 80.
// Pausing between polls lets a batch gather, and costs latency. Whether it pays
// cannot be seen from the batches: a sender that is held up by the polling and one
// that has nothing more to send look alike. So the loop tries: it lengthens the gap
// and keeps that only if more items come through in the same time. Traffic that is
// paced by something else is never delayed for longer than a trial.
type gapSearch struct {
	pauses int // PAUSEs between polls, now under trial or settled

	settled int     // the gap before the trial; equal to pauses while none is on
	rate    float64 // items per tick at the settled gap
	rest    int     // windows until the next trial
	shorter bool    // the next trial is of a shorter gap

	items, turns int   // in this window
	began        int64 // ticks when it began
}

const (
	maxPauses   = 32   // some 0.9 us on Zen, 1.4 us on Skylake
	window      = 64   // turns that did something, per measurement
	patience    = 16   // windows between trials
	worthLonger = 1.10 // gain in rate that pays for a longer gap
	freeShorter = 0.95 // loss in rate at which a shorter gap is still taken
)

// note counts a turn that did items, and ended at now ticks.
func (g *gapSearch) note(items int, now int64) {
	if g.began == 0 {
		g.began = now
		return
	}
	g.items += items
	if g.turns++; g.turns < window {
		return
	}
	rate := float64(g.items) / float64(max(now-g.began, 1))
	g.items, g.turns, g.began = 0, 0, now
	switch {
	case g.pauses > g.settled:
		if rate >= g.rate*worthLonger {
			g.settle(rate)
			g.pauses = min(2*g.pauses+1, maxPauses) // and on
		} else {
			g.revert()
		}
	case g.pauses < g.settled:
		if rate >= g.rate*freeShorter {
			g.settle(rate)
			g.pauses /= 2
		} else {
			g.revert()
		}
	default:
		g.rate = rate
		if g.rest--; g.rest <= 0 {
			g.try()
		}
	}
}

func (g *gapSearch) settle(rate float64) { g.settled, g.rate = g.pauses, rate }

func (g *gapSearch) revert() { g.pauses, g.rest = g.settled, patience }

// try begins a trial, of a longer and of a shorter gap in turn.
func (g *gapSearch) try() {
	if g.shorter {
		g.pauses /= 2
	} else {
		g.pauses = min(2*g.pauses+1, maxPauses)
	}
	g.shorter = !g.shorter
	if g.pauses == g.settled {
		g.rest = patience
	}
}
