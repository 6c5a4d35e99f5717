package exec

import (
	"context"
	"log/slog"
	"time"

	"github.com/pushcore/pushcore/internal/mem"
)

// Stall is a turn that has lasted for longer than Config.StallAfter, described while it lasted.
type Stall struct {
	Exec  string
	Began time.Time     // the turn
	For   time.Duration // how long it had lasted when this was written

	// What the loop was in: the function of the program's that it had called, and what kind of thing that is, "task",
	// "timer", "coroutine", "handler" or "source"; or "loop" and no function, if it was at work itself.
	Kind     string
	Function string
	Stack    string // of the goroutine that had the loop, innermost frame first

	// Thread is what the system says of the thread: "running" (or ready to, while others have the processor),
	// "sleeping" (on a lock, a channel, in a system call; or, if the stack shows nothing of that kind, because the Go
	// scheduler has given the loop's place among GOMAXPROCS to another goroutine), "blocked" (on a disk); empty where it
	// does not tell.
	Thread string
	// Preempted is for how long of the last part of the turn the thread has waited for a processor that others had. If
	// that is most of it, nothing in this program is to blame.
	Preempted time.Duration

	// Suppressed is how many stalls of this Exec were seen since the last report and not reported: so as not to flood the
	// log, or because the turn had ended before its stack was taken.
	Suppressed int
}

// Log logs s, which is what becomes of it without a Config.OnStall: as a warning, or, if others had the processor for most
// of the time, as an information.
func (s Stall) Log(logger *slog.Logger) {
	level, what := slog.LevelWarn, "exec: a turn takes long: nothing else on the Exec can run"
	if s.Preempted > s.For/2 {
		level, what = slog.LevelInfo, "exec: a turn takes long, because others have the processor"
	}
	logger.Log(context.Background(), level, what, "exec", s.Exec, "for", s.For, "kind", s.Kind, "function", s.Function,
		"thread", s.Thread, "preempted", s.Preempted, "suppressed", s.Suppressed, "stack", s.Stack)
}

// A stall that lasts is reported once, and an Exec that has many of them stallBurst times, and then once in stallPause.
const (
	stallBurst = 5
	stallPause = 12 * time.Second
)

// suspect is what the detector knows of one Exec.
type suspect struct {
	x     *Exec
	after int64 // Config.StallAfter in ticks

	turn       int64         // when the turn that was looked at last began
	waiting    time.Duration // of its thread, when it was seen for the second time
	reported   bool
	suppressed int
	tokens     int
	refilled   time.Time
}

// look is called by the detector now and then. It reports whether the loop is awake.
func (s *suspect) look() (awake bool) {
	turn := int64(s.x.board.turn.Load())
	if turn == 0 {
		return false
	}
	if turn != s.turn {
		s.turn, s.reported, s.waiting = turn, false, -1
		return true
	}
	if s.waiting < 0 {
		s.waiting = s.x.threadWaiting()
	}
	if took := mem.Ticks() - turn; took > s.after && !s.reported {
		s.reported = true
		s.report(mem.TicksDuration(took))
	}
	return true
}

func (s *suspect) report(took time.Duration) {
	x := s.x
	if !s.mayReport(time.Now()) {
		s.suppressed++
		return
	}
	r := Stall{Exec: x.cfg.Name, Began: time.Now().Add(-took), For: took, Suppressed: s.suppressed}
	r.Thread, r.Preempted = x.threadState(), max(x.threadWaiting()-s.waiting, 0)
	r.Kind, r.Function, r.Stack = x.blame()
	if int64(x.board.turn.Load()) != s.turn { // what was found is something else
		s.suppressed++
		return
	}
	s.suppressed = 0
	x.lastStall.Store(&r)
	if f := x.cfg.OnStall; f != nil {
		f(r)
	} else {
		r.Log(x.cfg.Logger)
	}
}

// mayReport takes a token, of which a new one comes every stallPause.
func (s *suspect) mayReport(now time.Time) bool {
	if fresh := int(now.Sub(s.refilled) / stallPause); fresh > 0 {
		s.tokens, s.refilled = min(s.tokens+fresh, stallBurst), now
	}
	if s.tokens == 0 {
		return false
	}
	s.tokens--
	return true
}
