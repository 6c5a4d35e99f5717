package exec

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/internal/backoff"
	"github.com/pushcore/pushcore/ring"
)

// InboxConfig says how a typed inbox is built. Handle is the one field that must
// be set.
type InboxConfig[T any] struct {
	// Name appears in errors. Default "inbox".
	Name string
	// Cap is the capacity of the ring behind TrySend, in items. Default
	// DefaultInboxCap.
	Cap int
	// LaneCap is the capacity of each lane, in items. Default Cap.
	LaneCap int
	// MaxLanes is how many lanes may be open at once. Default 64.
	MaxLanes int
	// Control puts the inbox into the control class: it is drained first in every
	// turn, with a budget of its own.
	Control bool

	// Handle is called on the loop with the items that have come, oldest first,
	// in batches of at most Config.Burst; a batch comes from one lane. It returns
	// how many it has consumed, from the first on. The rest is offered again in
	// the next turn: a handler whose own downstream is full holds back instead of
	// dropping. The batch is valid until Handle returns. A panic fails the batch
	// as a whole.
	Handle func(l *Local, batch []T) (n int)

	// MaxWait, if set, is how long an item may wait: from the send that has accepted it
	// (for what was staged, the Flush) until it would be offered to Handle. One that has
	// waited longer is handed to OnExpired in the place of Handle, also if Handle has held
	// it back before. Nobody looks while nothing is polled, so a loop that is busy or
	// whose handler holds back finds out later, not never. Both must be set or neither.
	//
	// Senders and the loop read the Exec's clock, once for each send or batch. Where
	// Config.Clock is set, it must be one that all of them may call.
	MaxWait time.Duration
	// OnExpired is called on the loop with items that have waited for longer than
	// MaxWait, in the order in which they lie in their ring. They are gone from the inbox
	// when it returns, and count as expired; a panic fails the batch. Admit and Settle
	// do not hear of them. The batch is valid until OnExpired returns.
	OnExpired func(l *Local, batch []T)

	// Admit, if set, is asked before Handle how many of n items may be offered
	// now; the rest waits as if Handle had held it back.
	Admit func(l *Local, n int) int
	// Settle, if set, is called after Handle, also when it panicked, with how many
	// items were offered and how many of them are gone from the inbox.
	Settle func(l *Local, offered, gone int)
}

// Inbox is where values for one Exec arrive: a ring that any goroutine may send
// to, and lanes, one for each steady sender. Values are handed to the inbox's
// handler in batches.
type Inbox[T any] struct {
	x         *Exec
	simulated bool          // Config.Sim is set; beside x, whose line every sender has
	shared    *ring.MPSC[T] // nil in an inbox with a MaxWait:
	aged      *agedRing[T]  // it has this instead
	waits     *waits        // of the shared ring
	sheet     *sheet
	cfg       InboxConfig[T]
	lanes     laneSet[T]

	// deaf says that a wake for what is sent would be in vain: nobody takes it. The loop
	// sets it while it looks at the inbox a last time before it sleeps, and clears it, awake,
	// before anyone waits for an item. So a sender that finds the loop parked after that
	// sees it cleared, too: the order of the two stores is that of the two loads.
	deaf atomic.Bool

	// The loop's own.
	held       bool // the handler held back in the last poll
	lanesFirst bool // the shared ring left nothing of the last budget
}

// inbox is what a turn sees of an Inbox[T].
type inbox interface {
	poll(l *Local, budget int) int
	ready() bool     // a poll would find something new; asked on the loop
	published() bool // the shared ring shows something to take; asked by anyone
	empty() bool     // all that was accepted has been taken
	waiting() int    // about how many items are in it
	closeRings()     // accept nothing more
	account() *sheet
	describe(s *InboxStats, n *[sEnd]uint64) // asked by anyone
}

// NewInbox adds an inbox to x, which must not have started yet; once it has, only
// code on its own loop (OnStart, a task) may add one.
func NewInbox[T any](x *Exec, cfg InboxConfig[T]) (*Inbox[T], error) {
	in, err := newInbox(x, cfg)
	if err != nil {
		return nil, err
	}
	if err := x.addInbox(in, cfg.Control); err != nil {
		return nil, err
	}
	return in, nil
}

// newInbox makes an inbox that no turn polls yet.
func newInbox[T any](x *Exec, cfg InboxConfig[T]) (*Inbox[T], error) {
	if cfg.Handle == nil {
		return nil, errors.New("exec: InboxConfig.Handle is nil: an inbox needs a handler")
	}
	if cfg.Name == "" {
		cfg.Name = "inbox"
	}
	if cfg.Cap == 0 {
		cfg.Cap = DefaultInboxCap
	}
	if cfg.LaneCap == 0 {
		cfg.LaneCap = cfg.Cap
	}
	if cfg.MaxLanes == 0 {
		cfg.MaxLanes = DefaultMaxLanes
	}
	for _, f := range []struct {
		name  string
		value int
	}{{"Cap", cfg.Cap}, {"LaneCap", cfg.LaneCap}, {"MaxLanes", cfg.MaxLanes}} {
		if f.value < 1 || f.value > maxBound {
			return nil, fmt.Errorf("exec: inbox %s: %s is %d: it must be from 1 to %d, or 0 for the default", cfg.Name, f.name, f.value, maxBound)
		}
	}
	switch {
	case cfg.MaxWait < 0:
		return nil, fmt.Errorf("exec: inbox %s: MaxWait is %v: it must be positive, or 0 for no limit", cfg.Name, cfg.MaxWait)
	case cfg.MaxWait > 0 && cfg.OnExpired == nil:
		return nil, fmt.Errorf("exec: inbox %s: MaxWait is %v, but OnExpired is nil: somebody must get the items that have waited for longer", cfg.Name, cfg.MaxWait)
	case cfg.MaxWait == 0 && cfg.OnExpired != nil:
		return nil, fmt.Errorf("exec: inbox %s: OnExpired is set, but MaxWait is 0: nothing would ever expire", cfg.Name)
	}
	in := &Inbox[T]{x: x, simulated: x.cfg.Sim != nil, waits: &waits{}, sheet: &sheet{}, cfg: cfg}
	in.waits.init(x)
	if x.cfg.NoStats {
		in.sheet.timed.never()
	}
	if cfg.MaxWait == 0 {
		in.shared = ring.NewMPSC[T](cfg.Cap)
	} else {
		in.aged = newAgedRing[T](cfg.Cap, x.mostPolled(cfg.Control), x.loop.clock)
	}
	in.lanes.max = cfg.MaxLanes
	return in, nil
}

// TrySend sends v and reports whether it was accepted: false when the inbox is
// full or closed. Any goroutine may call it, also one on a loop.
func (in *Inbox[T]) TrySend(v T) bool {
	if in.simulated && in.x.admit(1) == 0 || in.aged == nil && !in.shared.Push(v) || in.aged != nil && !in.aged.push(v) {
		in.sheet.rejected.Add(1)
		return false
	}
	in.sent()
	return true
}

// TrySendBatch sends as many of vs as fit, from the first on and next to each
// other, and returns their number. Any goroutine may call it.
func (in *Inbox[T]) TrySendBatch(vs []T) (n int) {
	some := vs
	if in.simulated {
		some = vs[:in.x.admit(len(vs))]
	}
	if in.aged == nil {
		n = in.shared.PushBatch(some)
	} else {
		n = in.aged.pushBatch(some)
	}
	if n < len(vs) {
		in.sheet.rejected.Add(uint64(len(vs) - n))
	}
	if n > 0 {
		in.sent()
	}
	return n
}

// sent is called by a sender that has sent something through the shared ring.
func (in *Inbox[T]) sent() {
	if sent := in.sharedSent(); in.waits.due(sent) {
		in.waits.stamp(sent)
	}
	in.x.wakeIfParkedFor(in)
}

// Send is TrySend that waits for room. It returns ErrClosed when the inbox is
// closed, ctx's error when ctx ends first, ErrOnLoop when it is called on a loop;
// in each of these cases v was not sent.
func (in *Inbox[T]) Send(ctx context.Context, v T) error {
	if OnLoop() {
		return ErrOnLoop
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	var wait backoff.Backoff
	for in.simulated && in.x.admit(1) == 0 || in.aged == nil && !in.shared.Push(v) || in.aged != nil && !in.aged.push(v) {
		if in.sharedClosed() {
			return ErrClosed
		}
		if err := wait.Wait(ctx); err != nil {
			return err
		}
	}
	in.sent()
	return nil
}

// Len returns about how many items wait in the inbox and its lanes. Anyone may
// call it.
func (in *Inbox[T]) Len() int { return in.waiting() }

// SharedLen returns how many of them came through TrySend, TrySendBatch and Send.
func (in *Inbox[T]) SharedLen() int {
	if in.aged != nil {
		return in.aged.Len()
	}
	return in.shared.Len()
}

// SharedTaken returns how many of those that came so were consumed so far, or given back by Undone. Only differences
// mean something. Anyone may call it.
func (in *Inbox[T]) SharedTaken() uint64 {
	if in.aged != nil {
		return in.aged.Taken()
	}
	return in.shared.Taken()
}

// Close refuses whatever is sent from now on; what was accepted is still handled.
// Anyone may call it.
func (in *Inbox[T]) Close() { in.closeRings() }

// Closed reports whether the inbox was closed, by Close or with its Exec. Anyone may call it.
func (in *Inbox[T]) Closed() bool { return in.sharedClosed() }

// Undone returns the items that were accepted and will not be handled any more,
// and empties the inbox. It returns ErrRunning while the Exec still runs.
func (in *Inbox[T]) Undone() ([]T, error) {
	if !in.x.Ended() {
		return nil, ErrRunning
	}
	var vs []T
	in.x.setAside(func() {
		vs = in.takeAll()
		in.x.loop.n[cReturned] += uint64(len(vs))
	})
	return vs, nil
}
