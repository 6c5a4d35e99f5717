package exec

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/internal/gid"
	"github.com/pushcore/pushcore/internal/mem"
)

// Errors that methods of this package return, possibly wrapped.
var (
	ErrClosed  = errors.New("exec: closed")
	ErrOnLoop  = errors.New("exec: a blocking method was called on a loop, where nothing may block: use the Try form, or do it outside")
	ErrStarted = errors.New("exec: already started")
	ErrRunning = errors.New("exec: still running")
	ErrTooMany = errors.New("exec: limit reached")
)

// Exec is one loop on one thread. The handle may be held and used by any
// goroutine.
//
// An Exec is made by New and run either by Start, on a thread of its own, or by
// Step, in the caller's goroutine, for tests and simulations.
type Exec struct {
	cfg  Config
	loop *Local

	tasks   *Inbox[Task]
	control *Inbox[Task]

	_ mem.Pad

	// ctl is what the outside wants of the loop, as ctl bits. The loop loads it
	// every turn.
	ctl atomic.Uint32

	parker parker

	replied atomic.Pointer[call] // answers to this Exec's calls, the last one first
	_       mem.Pad
	woken   atomic.Pointer[Waker] // those that were woken, the last one first

	board board // written by the loop

	wakes   atomic.Uint64 // wake calls made for this Exec
	rejects atomic.Uint64 // timers that were refused to senders: what an inbox refuses it counts itself

	id        string          // of this process's Execs
	ctx       context.Context // has the labels of the loop; written by the loop when it begins, nil before
	tid       atomic.Int64    // of the thread, in the system; 0: there is none, or it is not known
	lastStall atomic.Pointer[Stall]
	suspect   *suspect // the detector's; made by the loop when it begins

	mu      sync.Mutex
	state   state
	inboxes []inbox // all of them, for whoever is not the loop
	sources []*polled
	callers []*Exec // they want to know when the loop has ended
	fatal   error   // why it was stopped, if by Panic.Stop
	err     error   // why the loop ended, set before done is closed

	done chan struct{} // closed when the loop has ended
}

// Bits of Exec.ctl.
const (
	ctlWake    uint32 = 1 << iota // run a turn: something changed that no inbox shows
	ctlDrain                      // end when everything accepted is done
	ctlQuiesce                    // cancel the coroutines that are to be when a drain begins
	ctlStop                       // end after this turn
)

// state is the life of an Exec, guarded by mu.
type state int

const (
	made     state = iota // New or Step: nobody runs the loop but Step
	stepping              // a Step is in progress
	threaded              // Start: a thread runs the loop
	ended                 // the loop will not run again
)

// New returns an Exec that accepts tasks at once and runs them when it is started
// or stepped. The error names the field of cfg that is out of range.
func New(cfg Config) (*Exec, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	mem.RegisterMembarrier()
	x := &Exec{cfg: cfg, id: newID(), done: make(chan struct{})}
	x.parker.init()
	if cfg.Sim != nil {
		x.simulate(cfg.Sim)
	}
	x.loop = &Local{x: x, queue: newQueue(cfg.LocalCap), budget: cfg.LocalBudget, share: cfg.LocalBudget, clock: cfg.Clock, phase: phaseEnd, observed: !cfg.NoStats}
	if cfg.NoStats {
		x.loop.timed.never()
		x.loop.timedCo.never()
		x.loop.timedTurn.never()
		x.loop.timedLag.never()
	}
	if x.loop.clock == nil {
		base := time.Now()
		x.loop.clock = func() time.Duration { return time.Since(base) }
	}
	if x.tasks, err = NewInbox(x, InboxConfig[Task]{Name: "tasks", Cap: cfg.InboxCap, MaxLanes: maxTaskLanes, Handle: RunTasks}); err != nil {
		return nil, err
	}
	if x.control, err = NewInbox(x, InboxConfig[Task]{Name: "control", Cap: cfg.ControlCap, Control: true, Handle: runControl}); err != nil {
		return nil, err
	}
	return x, nil
}

// maxTaskLanes is how many lanes for tasks an Exec may have: its users' and those of the
// Execs that call it.
const maxTaskLanes = 1024

// runControl runs control tasks, also when the local queue is full: what such a
// task spawns may then be refused.
func runControl(l *Local, batch []Task) int {
	r := &l.running
	r.single = true
	for i, t := range batch {
		l.reserve = true
		l.n[cRan]++
		l.n[cControl]++
		r.task, r.done = t, i+1
		l.run(t)
	}
	r.task = nil
	return len(batch)
}

// Name returns the name from the Config.
func (x *Exec) Name() string { return x.cfg.Name }

// TrySend sends t to be run on the loop and reports whether it was accepted:
// false when the inbox is full or the Exec has ended. Any goroutine may call it,
// also one on a loop. It panics if t is nil.
func (x *Exec) TrySend(t Task) bool {
	mustTask(t, "TrySend")
	return x.tasks.TrySend(t)
}

// Send is TrySend that waits for room. It returns ErrClosed when the Exec has
// ended, ctx's error when ctx ends first, and ErrOnLoop when it is called on a
// loop; t was not accepted then.
func (x *Exec) Send(ctx context.Context, t Task) error {
	mustTask(t, "Send")
	return x.tasks.Send(ctx, t)
}

// TryControl is TrySend through the control inbox, which every turn drains first:
// for short tasks that must not wait behind data. What a control task spawns may
// be refused when the local queue is full.
func (x *Exec) TryControl(t Task) bool {
	mustTask(t, "TryControl")
	return x.control.TrySend(t)
}

// Lane opens a lane for tasks: see [Inbox.Lane].
func (x *Exec) Lane() (*Lane[Task], error) { return x.tasks.Lane() }

func mustTask(t Task, method string) {
	if t == nil {
		panic("exec: " + method + " of a nil Task")
	}
}

// Wake makes the loop run a turn soon, although nothing was sent: a Source has
// something that the Exec cannot see. Any goroutine may call it.
func (x *Exec) Wake() { x.signal(ctlWake) }

// signal sets a bit of ctl and ends a park. Setting it is a full fence, so the
// park handshake holds with ctl in the place of an inbox.
func (x *Exec) signal(bit uint32) {
	x.ctl.Or(bit)
	if x.parker.isParked() && x.parker.unpark() {
		x.wakes.Add(1)
	}
}

// addInbox makes in part of the loop's turn.
func (x *Exec) addInbox(in inbox, control bool) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	onLoop := uintptr(x.loop.owner.Load()) == gid.Current()
	if x.state != made && !onLoop {
		return fmt.Errorf("exec: %s: an inbox can be added before Start, or on the loop: %w", x.cfg.Name, ErrStarted)
	}
	x.inboxes = append(x.inboxes, in)
	x.loop.sheets = append(x.loop.sheets, in.account())
	if control {
		x.loop.control = append(x.loop.control, in)
	} else {
		x.loop.inboxes = append(x.loop.inboxes, in)
	}
	return nil
}

func (x *Exec) allInboxes() []inbox {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.inboxes[:len(x.inboxes):len(x.inboxes)]
}
