package balance

import "errors"

// Full is what Pick returns when the item should go nowhere now: no worker is open, or the policy refuses the item. The
// group then treats the item as it treats any full lane. It is a value, not an error: being full is ordinary.
const Full = -1

// ErrNoWorker is returned, perhaps wrapped, by a Policy or an Update that was given a View in which no worker is open,
// or none that the policy may pick, for example because all weights are 0. Another View may mend it.
var ErrNoWorker = errors.New("balance: no worker is open")

// A Balancer picks workers for one producer.
//
// Its owner calls it from one goroutine at a time and passes the View of its own; a Balancer must not keep the View, or
// slices of it, beyond the call, and must not write to it.
type Balancer interface {
	// Pick returns the index of an open worker, or Full. The key is the item's, or 0 where items have none. Pick must
	// not allocate, block or panic, and must accept any key. The group refuses a pick that is out of range or closed:
	// the item is not sent elsewhere in its place.
	//
	// Full means "not now": with every open worker idle there is no reason for it, unless the policy limits rates, or
	// is Sticky and the key has items at a closed worker.
	Pick(key uint64, v *View) int

	// Update tells that the set of open workers, their number or their weights changed. It is called once by the Policy
	// for the first View and then between picks. It may allocate. It returns an error if it cannot serve the View, for
	// example ErrNoWorker; later Picks must then still return an open worker or Full, and a later Update may mend it.
	// An Update with an unchanged View changes nothing.
	Update(v *View) error

	// Ordered reports whether items of one key keep their order. Then Pick answers a key with the worker that it
	// answered last, or with Full, as long as the set of open workers is the same, whatever the depths and the clock
	// show. There is one exception: when every item of the key that was sent has been taken (View.Taken, whatever Depth
	// says), another worker may be next. The answer of Ordered never changes.
	Ordered() bool
}

// A BatchPicker is a Balancer that can pick for many items in one call.
//
// PickBatch sets out[i] for every i < len(keys), and no other; len(out) >= len(keys). The picks, and the picks that
// come after, are those of a loop that calls Pick for each key and counts the pick in v.Sent and v.Depth before the
// next, as a group does while lanes have room. A balancer that looks at depths must hence count its own picks within
// the batch; it must not do so in v. PickBatch must not allocate, nor write to keys or v.
type BatchPicker interface {
	PickBatch(keys []uint64, v *View, out []int)
}

// Reads says what of a View a Balancer looks at, beside the set of open workers and their weights.
type Reads uint8

// What a Balancer may look at. To keep each of them up to date costs the owner of the View something: a cache line of
// every worker for each refresh, or a look at the clock.
const (
	ReadsTaken Reads = 1 << iota // Sent and Taken
	ReadsDepth                   // Depth
	ReadsNow                     // Now

	ReadsAll = ReadsTaken | ReadsDepth | ReadsNow
)

// A Frugal balancer says what it looks at, and spares its owner the rest. All others are taken to look at everything.
type Frugal interface {
	// Reads returns what Pick and PickBatch look at. The answer never changes.
	Reads() Reads
}

// ReadsOf returns what b looks at.
func ReadsOf(b Balancer) Reads {
	if f, ok := b.(Frugal); ok {
		return f.Reads()
	}
	return ReadsAll
}

// A Sticky balancer keeps the order of a key's items across changes of membership, too: it answers a key with another
// worker only when every item of the key that was sent has been taken, also if its worker was closed; until then it
// answers Full. A group that has such a balancer need not stop its workers when one comes or goes.
type Sticky interface {
	// Sticky reports that this is so; a wrapper may find that it depends on what it wraps. The answer never changes.
	Sticky() bool
}

// IsSticky reports whether b is Sticky.
func IsSticky(b Balancer) bool {
	s, ok := b.(Sticky)
	return ok && s.Sticky()
}

// A Member is a Balancer that shares what it knows with those of other producers, as those of [Shared] do. Its owner
// must tell it how far its items have come, and when the producer ends. A wrapper is a Member, too, for what it may
// wrap.
type Member interface {
	// Shares reports whether there is anything to share. If not, the other methods need not be called. The answer never
	// changes.
	Shares() bool

	// Watch is called at most once, before the first Pick. taken(i) is what v.Taken[i] would be if the View were
	// refreshed now, so that others may look while the producer itself makes no calls; i is a worker of v. Any
	// goroutine may call it, at any time, also after Close; it must neither block nor call the Balancer.
	Watch(taken func(i int) uint64)

	// Close is called once, like Pick from one goroutine at a time, when the producer will send no more: after the last
	// Pick and after the last item was sent, refused or taken back, with v's Sent as it is then for good. No call
	// follows. Items that v shows in flight are followed through the func of Watch; without one they count as taken at
	// once, so an owner that gives none calls Close when all has been taken.
	Close(v *View)
}

// Shares reports whether b is a Member with something to share.
func Shares(b Balancer) bool {
	m, ok := b.(Member)
	return ok && m.Shares()
}

// A Policy makes one Balancer for one producer, ready to pick from v, or returns an error that says why v cannot be
// served. A Policy may be called by any goroutine, at any time; Balancers that it made share no state that changes, but
// for those of [Shared].
type Policy func(v *View) (Balancer, error)
