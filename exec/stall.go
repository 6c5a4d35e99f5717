package exec

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"time"
)

// Stall is a turn that has lasted for longer than Config.StallAfter, described while it lasted.
type Stall struct {
	Exec  string
	Began time.Time     // the turn
	For   time.Duration // how long it had lasted when this was written

	// What the loop was in: the function of the program's that it had called, and what kind of thing that is, "task",
	// "timer", "coroutine", "handler" or "source"; or "loop", for all else (a Flusher, an OnPanic; no function: itself).
	Kind     string
	Function string
	Stack    string // of the goroutine that had the loop, innermost frame first

	// Thread is what the thread was doing: "running" (or it would, but others have the processor), "ready" (it would, but the
	// Go scheduler has given the loop's place among GOMAXPROCS to another goroutine), "sleeping" (on a lock, a channel, in a
	// system call), "blocked" (on a disk); empty where the system does not tell.
	Thread string
	// Preempted is for how long the thread has waited for a processor that others had, in the part of the turn that was
	// watched: the last, mostly half of StallAfter or more.
	Preempted time.Duration
	// HeldUp is true if others had the processor for most of that part, or have the place among GOMAXPROCS: then what the
	// loop was in is not to blame.
	HeldUp bool

	// Suppressed is how many stalls of this Exec were seen since the last report and not reported: so as not to flood the
	// log, or because the turn had ended before its stack was taken.
	Suppressed int
}

// Log logs s, which is what becomes of it without a Config.OnStall: as a warning, or, if the loop was kept from running, as
// an information.
func (s Stall) Log(logger *slog.Logger) {
	level, what := slog.LevelWarn, "exec: a turn takes long: nothing else on the Exec can run"
	if s.HeldUp {
		level, what = slog.LevelInfo, "exec: a turn takes long, because others have the processor"
	}
	logger.Log(context.Background(), level, what, "exec", s.Exec, "for", s.For, "kind", s.Kind, "function", s.Function,
		"thread", s.Thread, "preempted", s.Preempted, "suppressed", s.Suppressed, "stack", s.brief())
}

// brief is the part of the stack that is the program's, on one line.
func (s *Stall) brief() string {
	const most = 12
	var calls []string
	lines := strings.Split(s.Stack, "\n")
	for i := 0; i+1 < len(lines) && len(calls) < most; i += 2 {
		calls = append(calls, lines[i]+" "+filepath.Base(lines[i+1]))
		if lines[i] == s.Function {
			break
		}
	}
	return strings.Join(calls, " < ")
}
