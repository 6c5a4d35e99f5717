package exec

import (
	"fmt"
	"log/slog"
	"math"
	"time"

	"github.com/pushcore/pushcore/exec/place"
)

// Defaults of the fields of [Config].
const (
	DefaultLocalCap    = 4096
	DefaultInboxCap    = 4096
	DefaultControlCap  = 256
	DefaultCallCap     = 256
	DefaultMaxTimers   = 1 << 16
	DefaultBurst       = 128
	DefaultLocalBudget = 256

	DefaultMaxCoroutines  = 1 << 16
	DefaultKeepCoroutines = 256
	DefaultAwaitBudget    = 128
	DefaultMaxBlocking    = 64
	DefaultBlockingCap    = 1024
	DefaultSlice          = 500 * time.Microsecond
	DefaultStallAfter     = 10 * time.Millisecond
)

// SpinForever as [Config].Spin makes an Exec poll without ever parking.
const SpinForever time.Duration = math.MaxInt64

// maxBound is the largest value that any bound of a Config may have.
const maxBound = 1 << 24

// Config says how an Exec is built. The zero value works: an Exec on a thread of
// its own that is not pinned.
type Config struct {
	// Name appears in errors, logs and stack dumps. Default "exec".
	Name string

	// CPUs are the processors that the thread may run on, normally one. Empty
	// means that the thread is not pinned. See package place.
	CPUs place.Set
	// BestEffort lets the Exec run unpinned, with a warning in the log, where
	// pinning fails. Without it Start reports the failure.
	BestEffort bool

	// LocalCap is how many tasks may wait in the local queue. One more slot is
	// kept for the task that runs, so that it can always re-post itself.
	LocalCap int
	// InboxCap is the capacity of the inbox behind TrySend and Send, in tasks.
	InboxCap int
	// ControlCap is the capacity of the inbox behind TryControl, in tasks.
	ControlCap int
	// CallCap is how many calls from one other Exec may wait until this one begins them.
	CallCap int
	// MaxTimers is how many timers may be armed at once.
	MaxTimers int
	// Burst is how many items one turn takes from one inbox.
	Burst int
	// LocalBudget is how many local tasks one turn runs, and how many coroutines.
	LocalBudget int

	// MaxCoroutines is how many coroutines may have been started and not ended.
	MaxCoroutines int
	// KeepCoroutines is how many stacks of coroutines that have ended are kept for
	// others. Those that nobody needs are given up after a while.
	KeepCoroutines int
	// AwaitBudget is how many awaits in a row, of what is there already, a coroutine
	// may do before it gives way to others.
	AwaitBudget int
	// Slice is how long a turn may take before ShouldYield says that it should end.
	Slice time.Duration

	// MaxBlocking is how many goroutines run work that blocks, at most.
	MaxBlocking int
	// BlockingCap is how many jobs may wait for one of these.
	BlockingCap int

	// Spin is how long an idle Exec goes on polling before it parks. 0 means the
	// default: 100 us, 200 us in a virtual machine (where waking costs more). A
	// negative value parks at once; SpinForever never parks. Where polling would take
	// the last processor that GOMAXPROCS or the cgroup's quota allows, the Exec parks
	// at once, and the log says so, unless it is told to spin for ever. While more
	// Execs run than GOMAXPROCS, all others do so, too. Polling gives way, now and
	// then, to other threads that wait for the same processor; with SpinForever it
	// does not. Who has met a thread there that kept the processor for 1 ms parks the
	// next 64 times where it would have given way.
	Spin time.Duration

	// Clock is the time since some fixed point, never going back, read on the
	// loop, and by those who send to an inbox with a MaxWait. Default: the monotonic
	// clock. Tests inject theirs.
	Clock func() time.Duration

	// Sim makes decisions that a simulation wants to make: see Simulator and
	// package exectest. It is for Execs that are stepped; Start refuses it. Nil in
	// production.
	Sim Simulator

	// StallAfter is how long a turn may take before it counts as a stall, and is reported while
	// it lasts: see [Stall]. Default DefaultStallAfter, at least 1ms; negative: never. OnStart and OnStop are no turns.
	StallAfter time.Duration
	// OnStall is called with each report, in the place of [Stall.Log] with Logger, on a goroutine that belongs to no Exec.
	// While it has not returned, further stalls of this Exec are only counted. It must not wait for the Exec, a panic in it
	// ends the program, and it may still be at work when Wait has returned.
	OnStall func(s Stall)
	// NoStats leaves out all that Stats and Snapshot show which is measured, and not merely counted: histograms,
	// and figures of a loop that is busy. What it saves is small: docs/observability.md has it.
	NoStats bool

	// OnStart runs first, on the pinned thread. Its error ends the Exec and is
	// returned by Start (or is what Step panics with).
	OnStart func(l *Local) error
	// OnStop runs last, on the same thread. Work spawned in it is returned undone.
	OnStop func(l *Local)

	// OnPanic, if set, is called on the loop with each panic of a task or handler,
	// and the loop goes on. (A job of GoBlocking that panics when the Exec has ended is
	// reported on the job's own goroutine.) If it is nil, a panic ends the program, as it
	// would in a goroutine; so does one in OnStart or OnStop. A Goexit ends only the task
	// in either case, and is reported here, too. [LogPanics] and [Panic.Stop] are
	// ready-made policies.
	OnPanic func(p Panic)

	// Logger receives what happens rarely: demotions, unpinned threads. Default
	// slog.Default().
	Logger *slog.Logger
}

// withDefaults returns a checked copy in which every bound is set.
func (c Config) withDefaults() (Config, error) {
	if c.Name == "" {
		c.Name = "exec"
	}
	for _, f := range []struct {
		name  string
		value *int
		def   int
	}{
		{"LocalCap", &c.LocalCap, DefaultLocalCap},
		{"InboxCap", &c.InboxCap, DefaultInboxCap},
		{"ControlCap", &c.ControlCap, DefaultControlCap},
		{"CallCap", &c.CallCap, DefaultCallCap},
		{"MaxTimers", &c.MaxTimers, DefaultMaxTimers},
		{"Burst", &c.Burst, DefaultBurst},
		{"LocalBudget", &c.LocalBudget, DefaultLocalBudget},
		{"MaxCoroutines", &c.MaxCoroutines, DefaultMaxCoroutines},
		{"KeepCoroutines", &c.KeepCoroutines, DefaultKeepCoroutines},
		{"AwaitBudget", &c.AwaitBudget, DefaultAwaitBudget},
		{"MaxBlocking", &c.MaxBlocking, DefaultMaxBlocking},
		{"BlockingCap", &c.BlockingCap, DefaultBlockingCap},
	} {
		if *f.value == 0 {
			*f.value = f.def
		}
		if *f.value < 1 || *f.value > maxBound {
			return c, fmt.Errorf("exec: Config.%s is %d: it must be from 1 to %d, or 0 for the default of %d", f.name, *f.value, maxBound, f.def)
		}
	}
	if c.Slice == 0 {
		c.Slice = DefaultSlice
	}
	if c.Slice < 0 {
		return c, fmt.Errorf("exec: Config.Slice is %v: it must be positive, or 0 for the default of %v", c.Slice, DefaultSlice)
	}
	if c.StallAfter == 0 {
		c.StallAfter = DefaultStallAfter
	}
	if c.StallAfter > 0 && c.StallAfter < time.Millisecond {
		return c, fmt.Errorf("exec: Config.StallAfter is %v: it must be at least 1ms, 0 for the default of %v, or negative for never", c.StallAfter, DefaultStallAfter)
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c, nil
}
