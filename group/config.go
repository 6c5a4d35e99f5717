package group

import (
	"errors"
	"fmt"
	"time"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/place"
)

// Defaults of the fields of [Config].
const (
	DefaultDepth        = 1024
	DefaultMaxProducers = 64
	// MinForwards is the least default of MaxForwards.
	MinForwards = 256
)

// Limits of the fields of [Config].
const (
	maxWorkers   = 1024
	maxProducers = 4096
	maxDepth     = 1 << 22
)

// Handler is a worker's code: it gets the items that were sent to that worker, in
// batches, on that worker's thread, and returns how many of the batch it has
// consumed, from the first on. The rest is offered again in the next turn. The
// batch is valid until Handle returns. A panic fails the whole batch.
type Handler[T any] interface {
	Handle(l *exec.Local, batch []T) (n int)
}

// HandlerFunc makes a Handler of a function.
type HandlerFunc[T any] func(l *exec.Local, batch []T) (n int)

// Handle calls f.
func (f HandlerFunc[T]) Handle(l *exec.Local, batch []T) (n int) { return f(l, batch) }

// Config says how a Group is built. Worker is the one field that must be set, and
// in a group of Tasks not even that.
type Config[T any] struct {
	// Name appears in errors, logs and the names of the Execs. Default "group".
	Name string

	// Workers is the number of workers. Default: one per cpu in CPUs, else 1.
	Workers int
	// MaxWorkers is how many there may be at once: see Group.Add. The ids of workers are from 0 to
	// MaxWorkers-1, and so are the places in a balancer's View. Default: Workers.
	MaxWorkers int
	// CPUs has the processor of each worker, by id: MaxWorkers of them. Empty: the threads
	// are not pinned. place.Choose finds good ones.
	CPUs place.Set

	// Worker makes the handler of worker id, on that worker's pinned thread,
	// before its first turn: the handler closes over state that only this worker
	// touches. Default in a group of exec.Task: run the tasks.
	Worker func(l *exec.Local, id int) (Handler[T], error)

	// Balance picks a worker for each item. Default balance.RoundRobin(). Every
	// producer gets a Balancer of its own.
	Balance balance.Policy
	// Key is the key of an item for keyed policies, where the sender gives none. It is called on the sender's goroutine
	// and must not keep the pointer. If it panics the item is not sent, and the panic is the sender's; of a SendBatch,
	// which may have sent others by then, it is the error. An item that was accepted may be asked for its key once more
	// when the workers change; if that panics, its key is 0.
	Key func(*T) uint64
	// AllowReorder lets a group with a Key use a policy that may reorder the items
	// of a key.
	AllowReorder bool

	// Depth is the capacity of each producer's lane to each worker, and of each
	// worker's ring for Group.Send, in items.
	Depth int
	// MaxProducers is how many Producers may be open at once.
	MaxProducers int
	// MaxForwards is how many forwarded items may be on their way at once, in the
	// whole group. Default: Depth, at least MinForwards, plus what Spill allows.
	MaxForwards int
	// OnFull says what a sender does when the worker picked has no room. Default
	// Fail().
	OnFull Full

	// MaxWait, if set, is how long NEW work may wait for a worker: from the send that has accepted it (for what was
	// staged, the Flush) until it would be offered to the handler. What has waited longer is handed to OnExpired, on
	// the worker's loop, in the place of the handler, counts as Stats.Expired, and needs no credits. FORWARD work never
	// expires: it has been begun. Nor does, any more, what was handed over (see Group.Remove). See
	// exec.InboxConfig.MaxWait, also for the clock. Both must be set or neither.
	MaxWait time.Duration
	// OnExpired gets the items of worker id that have waited for longer than MaxWait. The
	// batch is valid until it returns; a panic fails the batch. What it sends to a
	// Forwarder may be refused: the credits are those that others have left.
	OnExpired func(l *exec.Local, id int, batch []T)

	// Release and Adopt, if set, move the states of keys from worker to worker when the workers change, so that each is
	// where the items of its key are. They need a Key, and an Ordered balancer that picks by the key and the membership
	// only, such as KeyHash, Maglev and RSS; New asks two of them for the same keys in different orders and refuses
	// what disagrees. Where keys go may else be changed in [Group.Reassign] only: a Rebalancer's Apply, for example.
	//
	// Release is called on the loop of each worker that was there before, when all that was accepted before the change
	// has been handled and nothing of after it has begun. It returns the states of those keys that leave the worker,
	// which leaves tells, and does not keep them. All leave one that is removed or replaced, unless it has ended
	// before. Adopt is then called on the loops of those who get them, before anything of after the change is handled.
	//
	// If Release panics nothing changes, and what others have released goes back to them by Adopt. If Adopt panics or
	// fails, or its worker has ended, the change is made, and its error is a [StrandedError], which has the parcels.
	Release func(l *exec.Local, id int, leaves func(key uint64) bool) []Parcel
	Adopt   func(l *exec.Local, id int, parcels []Parcel) error

	// Exec is the template of every worker's Exec. Name, CPUs and OnStart are set
	// by the group; an OnStart here runs before Worker.
	Exec exec.Config
}

// withDefaults returns a checked copy in which every field is set.
func (c Config[T]) withDefaults() (Config[T], error) {
	if c.Name == "" {
		c.Name = "group"
	}
	if c.Workers == 0 {
		c.Workers = max(len(c.CPUs), 1)
	}
	if c.MaxWorkers == 0 {
		c.MaxWorkers = c.Workers
	}
	if c.Depth == 0 {
		c.Depth = DefaultDepth
	}
	if c.MaxProducers == 0 {
		c.MaxProducers = DefaultMaxProducers
	}
	if c.MaxForwards == 0 {
		c.MaxForwards = max(c.Depth, MinForwards) + c.OnFull.spill
	}
	for _, f := range []struct {
		name       string
		value, max int
	}{
		{"Workers", c.Workers, maxWorkers},
		{"MaxWorkers", c.MaxWorkers, maxWorkers},
		{"Depth", c.Depth, maxDepth},
		{"MaxProducers", c.MaxProducers, maxProducers},
		{"MaxForwards", c.MaxForwards, maxDepth},
	} {
		if f.value < 1 || f.value > f.max {
			return c, fmt.Errorf("group: Config.%s is %d: it must be from 1 to %d, or 0 for the default", f.name, f.value, f.max)
		}
	}
	if c.MaxWorkers < c.Workers {
		return c, fmt.Errorf("group: Config.MaxWorkers is %d, for %d Workers: it must be no less, or 0 for as many", c.MaxWorkers, c.Workers)
	}
	if len(c.CPUs) != 0 && len(c.CPUs) != c.MaxWorkers {
		return c, fmt.Errorf("group: Config.CPUs lists %d cpus (%s) for %d workers: it must list one for each, or none", len(c.CPUs), c.CPUs, c.MaxWorkers)
	}
	if c.Balance == nil {
		c.Balance = balance.RoundRobin()
	}
	if c.Worker == nil {
		run, ok := any(HandlerFunc[exec.Task](exec.RunTasks)).(Handler[T])
		if !ok {
			return c, errors.New("group: Config.Worker is nil: only a group of exec.Task knows what to do with its items")
		}
		c.Worker = func(*exec.Local, int) (Handler[T], error) { return run, nil }
	}
	switch {
	case c.MaxWait < 0:
		return c, fmt.Errorf("group: Config.MaxWait is %v: it must be positive, or 0 for no limit", c.MaxWait)
	case c.MaxWait > 0 && c.OnExpired == nil:
		return c, fmt.Errorf("group: Config.MaxWait is %v, but OnExpired is nil: somebody must get the items that have waited for longer", c.MaxWait)
	case c.MaxWait == 0 && c.OnExpired != nil:
		return c, errors.New("group: Config.OnExpired is set, but MaxWait is 0: nothing would ever expire")
	}
	if err := c.OnFull.check(isTask[T]()); err != nil {
		return c, err
	}
	return c, nil
}

// promises returns what the balancers of Config.Balance promise. It refuses a policy that may reorder the items of a
// key.
func (c Config[T]) promises() (promises, error) {
	b, err := c.Balance(newRoster(make([]*worker[T], c.Workers), c.MaxWorkers).view())
	if err != nil {
		return promises{}, fmt.Errorf("group: Config.Balance: %w", err)
	}
	if b == nil {
		return promises{}, errors.New("group: Config.Balance returned neither a balancer nor an error")
	}
	p := promises{name: balance.Name(b), reads: balance.ReadsOf(b), ordered: b.Ordered(), sticky: balance.IsSticky(b), shares: balance.Shares(b)}
	if c.Key != nil && c.OnFull.kind == callerRuns && !c.AllowReorder {
		return p, errors.New("group: Config.Key is set, but CallerRuns may reorder the tasks of a key: use another policy, or set AllowReorder")
	}
	if c.Key != nil && !p.ordered && !c.AllowReorder {
		return p, fmt.Errorf("group: Config.Key is set, but the balancer %T may reorder the items of a key: use an ordered one (balance.KeyHash), or set AllowReorder", b)
	}
	return p, c.checkHooks(p)
}

// promises is what every balancer of a policy says of itself.
type promises struct {
	name            string
	reads           balance.Reads
	ordered, sticky bool
	shares          bool
}

func isTask[T any]() bool {
	_, ok := any((*T)(nil)).(*exec.Task)
	return ok
}
