package exec

import (
	"fmt"

	"github.com/pushcore/pushcore/internal/mem"
	"github.com/pushcore/pushcore/ring"
)

// DefaultMaxLanes is how many lanes an inbox may have unless its config says
// otherwise.
const DefaultMaxLanes = 64

// Lane is one sender's own ring into an inbox: no other sender is in its way, and
// its items arrive in the order sent. A Lane belongs to one goroutine at a time.
// Nothing on it ever blocks, so it may belong to another Exec's loop.
type Lane[T any] struct {
	ring   *ring.SPSC[T]
	stamps *stamps[T] // of what is in ring; nil in an inbox without a MaxWait
	in     *Inbox[T]
	from   *Local // the loop that owns it, if one does: it counts the wakes

	handed bool // made by Hand

	_      mem.Pad
	misses int // the consuming loop's: polls in a row that found nothing
	waits  waits
	fulls  mem.Index // the sender's: times that there was no room
	_      mem.Pad
}

// Lane opens a lane. It returns an error when MaxLanes are open or the inbox is
// closed. Anyone may call it; Close gives the lane's place back.
func (in *Inbox[T]) Lane() (*Lane[T], error) { return in.openLane(in.cfg.LaneCap) }

func (in *Inbox[T]) openLane(capacity int) (*Lane[T], error) {
	n := &Lane[T]{in: in, ring: ring.NewSPSC[T](capacity)}
	n.waits.init(in.x)
	if in.cfg.MaxWait > 0 {
		n.stamps = newStamps(n.ring, in.aged.now)
	}
	if err := in.lanes.add(n); err != nil {
		return nil, fmt.Errorf("exec: %s: inbox %s: %w", in.x.cfg.Name, in.cfg.Name, err)
	}
	return n, nil
}

// Hand gives the inbox vs, oldest first, behind what it has, whatever its capacity: work that another Exec had accepted
// and will not do. The lane that it returns is closed, shows by Len how many of vs are left, and counts for no
// MaxLanes: who hands over sees to it that there are not too many. They do not expire any more. It returns an error,
// and has taken nothing, when the inbox is closed or vs is empty. Anyone may call it.
func (in *Inbox[T]) Hand(vs []T) (*Lane[T], error) {
	if len(vs) == 0 {
		return nil, fmt.Errorf("exec: %s: inbox %s: there is nothing to hand over", in.x.cfg.Name, in.cfg.Name)
	}
	n := &Lane[T]{in: in, ring: ring.NewSPSC[T](len(vs)), handed: true}
	n.ring.PushAll(vs)
	n.ring.Close()
	if err := in.lanes.add(n); err != nil {
		return nil, fmt.Errorf("exec: %s: inbox %s: %w", in.x.cfg.Name, in.cfg.Name, err)
	}
	in.x.Wake()
	return n, nil
}

// OwnedBy tells the lane that the loop of l will be its sender, so that its wakes
// count as sent by it. It is called on that loop.
func (n *Lane[T]) OwnedBy(l *Local) { n.from = l }

// Push sends v, and whatever was staged before it. It reports false, and has not
// taken v, when the lane is full or closed.
func (n *Lane[T]) Push(v T) bool {
	if n.in.simulated && n.in.x.admit(1) == 0 {
		return false
	}
	if n.stamps != nil && n.stamps.put(1) == 0 {
		return n.full()
	}
	return n.ring.Push(v) && n.sent() || n.full()
}

// PushBatch sends as many of vs as fit and returns their number.
func (n *Lane[T]) PushBatch(vs []T) (k int) {
	if n.in.simulated {
		vs = vs[:n.in.x.admit(len(vs))]
	}
	if n.stamps != nil {
		most := n.stamps.put(len(vs))
		if most < len(vs) {
			n.full()
		}
		vs = vs[:most]
	}
	if k = n.ring.PushBatch(vs); k < len(vs) {
		n.full()
	}
	if k > 0 {
		n.sent()
	}
	return k
}

// Stage writes v without sending it; Flush, or the next Push, does. It reports
// false when the lane is full. That the lane is closed is only seen by Flush.
func (n *Lane[T]) Stage(v T) bool { return n.ring.Stage(v) }

// Flush sends what was staged. It reports false when the lane was closed first:
// nothing of it was accepted then, and Recall gives it back.
func (n *Lane[T]) Flush() bool {
	if n.stamps != nil {
		n.stamps.flush()
	}
	return n.ring.Flush() && n.sent()
}

// Recall takes back what was staged and not sent, oldest first.
func (n *Lane[T]) Recall() []T { return n.ring.Recall() }

// Len returns how many items were sent and not yet consumed, Free how many more
// fit, Cap the capacity.
func (n *Lane[T]) Len() int  { return n.ring.Len() }
func (n *Lane[T]) Free() int { return n.ring.Free() }
func (n *Lane[T]) Cap() int  { return n.ring.Cap() }

// Taken returns how many items were consumed so far, or given back by Undone. Only differences mean something.
// Anyone may call it.
func (n *Lane[T]) Taken() uint64 { return n.ring.Taken() }

// Closed reports whether the lane was closed, by its owner or with its inbox.
func (n *Lane[T]) Closed() bool { return n.ring.Closed() }

// Close ends the lane. What it holds is still handled; what was staged and not
// flushed stays with the owner, for Recall. The place is free once the loop has
// taken the last item.
func (n *Lane[T]) Close() {
	n.ring.Close()
	n.in.x.Wake() // to be forgotten
}

// done reports whether the lane will never have anything to take again. Closed is
// asked first: what was accepted is visible then.
func (n *Lane[T]) done() bool { return n.ring.Closed() && !n.ring.Ready() }

// full counts that there was no room. It reports false.
//
//go:noinline
func (n *Lane[T]) full() bool {
	n.fulls.StoreRelease(n.fulls.Load() + 1)
	return false
}

// sent wakes the consumer if it sleeps. Between the publication and this load the ring has
// put a fence, or isParked does, where one is needed: the park handshake in park.go.
func (n *Lane[T]) sent() bool {
	if sent := n.ring.Sent(); n.waits.due(sent) {
		n.waits.stamp(sent)
	}
	x := n.in.x
	if x.parker.isParked() && !n.in.deaf.Load() && x.parker.unpark() {
		x.wakes.Add(1)
		if n.from != nil {
			n.from.n[cWakesSent]++
		}
	}
	return true
}
