package exec

import (
	"math"
	"time"

	"github.com/pushcore/pushcore/internal/mem"
)

// pace is what samplers and the board go by, in ticks.
type pace struct {
	nanos float64 // of a tick
	show  int64   // showEvery
	every int64   // sampleEvery
	stale int64   // sampleStale
	renew int64   // traceRenewed
	stall int64   // Config.StallAfter
}

// duration converts ticks.
func (p *pace) duration(ticks int64) time.Duration { return time.Duration(float64(ticks) * p.nanos) }

// setPace is called when the loop begins. What is stepped shows its figures after every Step.
func (l *Local) setPace() {
	const unit = 1 << 30
	l.pace = pace{nanos: float64(mem.TicksDuration(unit)) / unit, every: ticksOf(sampleEvery), stale: ticksOf(sampleStale), renew: ticksOf(traceRenewed)}
	switch {
	case l.threaded && l.x.cfg.NoStats:
		l.pace.show = math.MaxInt64
	case l.threaded:
		l.pace.show = ticksOf(showEvery)
	}
	l.pace.stall = math.MaxInt64
	if l.x.cfg.StallAfter > 0 {
		l.pace.stall = ticksOf(l.x.cfg.StallAfter)
	}
}
