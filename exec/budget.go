package exec

import "github.com/pushcore/pushcore/internal/mem"

// ShouldYield reports whether this turn has taken longer than Config.Slice, so that a long
// task or coroutine should let others have their turn: by Yield, or by posting the rest of
// its work as a Task. It costs some ten nanoseconds.
func (l *Local) ShouldYield() bool {
	l.check()
	if l.x.cfg.Clock != nil {
		return l.clock()-l.began >= l.x.cfg.Slice
	}
	return mem.Ticks()-l.lastTicks >= l.slice
}
