package group

import (
	"context"
	"errors"
	"fmt"
)

// Errors that methods of this package return, possibly wrapped.
var (
	// ErrFull: the worker that was picked has no room, or the policy picked none.
	ErrFull = errors.New("group: full")
	// ErrClosed: the group accepts nothing more, or this handle was closed.
	ErrClosed = errors.New("group: closed")
	// ErrTooMany: MaxProducers are open, or all Forwarders are taken.
	ErrTooMany = errors.New("group: limit reached")
	// ErrWorker: there is no such worker.
	ErrWorker = errors.New("group: no such worker")
	// ErrStarted: the group was started before.
	ErrStarted = errors.New("group: already started")
)

// Full is a full-policy: what a sender does when the worker that was picked has
// no room. None of them loses anything, and none but CallerRuns reorders the items of
// one key where the balancer keeps them in order. Another balancer may give what one
// worker refused to another when it is asked again, behind newer items of that sender.
//
// A Producer brings NEW work, a Forwarder FORWARDs work that the group already
// has. NEW work is refused first: a worker takes it only while fewer than
// MaxForwards forwarded items are on their way, and there is always room for
// these. Hence a pipeline in which every stage emits at most one item per item
// drains under every policy, whatever the capacities and cycles. A handler that
// emits more may see ErrFull from its Forwarder; it must hold back (return what
// it has consumed) or deal with it.
type Full struct {
	kind  fullKind
	ctx   context.Context
	spill int
}

type fullKind int

const (
	fail fullKind = iota
	block
	spill
	callerRuns
)

// Fail returns ErrFull. It is the default.
func Fail() Full { return Full{} }

// Block makes a Producer wait until there is room, the group is closed, or ctx
// ends; its error is then returned. A Forwarder never waits: to it, Block is Fail.
func Block(ctx context.Context) Full { return Full{kind: block, ctx: ctx} }

// Spill gives each Forwarder an outbox of n items for what its lanes have no room
// for; the default of MaxForwards grows by n. To a Producer, whose sends must be visible when they
// return, it is Fail.
func Spill(n int) Full { return Full{kind: spill, spill: n} }

// CallerRuns makes a Forwarder run the task at once, on its own loop. It is for
// groups of exec.Task only, because a value's handler belongs to its worker's
// thread. That task overtakes those before it which found room, so a group with a Key
// must set AllowReorder. To a Producer, which is on no loop, it is Fail.
func CallerRuns() Full { return Full{kind: callerRuns} }

func (f Full) check(tasks bool) error {
	switch {
	case f.kind == block && f.ctx == nil:
		return errors.New("group: Config.OnFull is Block(nil): it needs a context")
	case f.kind == spill && (f.spill < 1 || f.spill > maxDepth):
		return fmt.Errorf("group: Config.OnFull is Spill(%d): it must be from 1 to %d", f.spill, maxDepth)
	case f.kind == callerRuns && !tasks:
		return errors.New("group: Config.OnFull is CallerRuns, but the items are not exec.Task: another thread may not run a worker's handler")
	}
	return nil
}
