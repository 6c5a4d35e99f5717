package pipelines

import "github.com/pushcore/pushcore/bench/internal/ages"

// event is what the stages pass on. It carries its payload: nobody looks at memory that others look at, too.
type event struct {
	Seq   uint64 // 0, 1, 2 and so on per source, with the source's index in the upper 16 bits
	Value uint64 // what the stages work on: Seq's lower bits at first
}

const (
	sourceBits = 48
	seqMask    = 1<<sourceBits - 1
)

// lastOf is the event behind all others of a source. It ends who gets it, and counts for nothing.
func lastOf(source int) event { return event{Seq: uint64(source)<<sourceBits | seqMask} }

func (e event) last() bool { return e.Seq&seqMask == seqMask }

// shape is who passes events to whom. Each source feeds every branch with the same events; a branch is a row of steps,
// with a sink behind it or, where the branches join, behind both of them.
//
// Threads are numbered: the sources first, then the steps of each branch and its sink. Thread i runs on the spot's cpu
// i mod 2, so that both have as much to do, and neighbours in a row are on different ones.
type shape struct {
	sources  int
	branches []branch
	join     bool // two branches

	due  *ages.Schedule // when events are to be sent; nil: at once. The sinks note when they have come
	skew int64          // of the second cpu's clock
}

type branch struct {
	steps []step
	sink  op // the first branch's, where they join
}

// The shapes by which the LMAX Disruptor is measured: the stages do what its handlers do.
var (
	unicast    = shape{sources: 1, branches: []branch{{sink: add}}}
	threeToOne = shape{sources: 3, branches: []branch{{sink: add}}}
	inRow      = shape{sources: 1, branches: []branch{{steps: []step{addOperand, addThree}, sink: countFours}}}
	multicast  = shape{sources: 1, branches: []branch{{sink: add}, {sink: subtract}, {sink: exclusiveOr}}}
	diamond    = shape{sources: 1, branches: []branch{{steps: []step{fizz}, sink: add}, {steps: []step{buzz}}}, join: true}
)

// sinks returns how many there are.
func (sh shape) sinks() int {
	if sh.join {
		return 1
	}
	return len(sh.branches)
}

func (sh shape) threads() int {
	n := sh.sources + sh.sinks()
	for _, b := range sh.branches {
		n += len(b.steps)
	}
	return n
}

// at returns the numbers of a branch's first step, or of its sink if it has none, and of its sink.
func (sh shape) at(branch int) (first, sink int) {
	first = sh.sources
	for _, b := range sh.branches[:branch] {
		first += len(b.steps)
		if !sh.join {
			first++
		}
	}
	if sh.join {
		return first, sh.threads() - 1
	}
	return first, first + len(sh.branches[branch].steps)
}

// cpu returns which of the spot's cpus a thread runs on.
func (sh shape) cpu(thread int) int {
	return thread % 2
}

// shares reports whether a thread has its cpu together with others.
func (sh shape) shares(thread int) bool {
	for other := range sh.threads() {
		if other != thread && sh.cpu(other) == sh.cpu(thread) {
			return true
		}
	}
	return false
}

// feed makes the events of a source.
type feed struct {
	source     int
	next, left uint64
}

// feed returns that of source i when there are n events in all.
func (sh shape) feed(i, n int) *feed {
	share := n / sh.sources
	if i == sh.sources-1 {
		share = n - i*share
	}
	return &feed{source: i, left: uint64(share)}
}

// fill returns the next events in dst, and none when all were made.
func (f *feed) fill(dst []event) []event {
	dst = dst[:min(uint64(len(dst)), f.left)]
	for i := range dst {
		dst[i] = event{uint64(f.source)<<sourceBits | f.next, f.next}
		f.next++
	}
	f.left -= uint64(len(dst))
	return dst
}

// plain does the work of a shape in one loop and returns what its sinks should find.
func (sh shape) plain(n int) []uint64 {
	totals := make([]uint64, sh.sinks())
	made := make([]event, drain)
	work := make([][]event, len(sh.branches))
	for b := range work {
		work[b] = make([]event, drain)
	}
	for source := range sh.sources {
		f := sh.feed(source, n)
		for events := f.fill(made); len(events) > 0; events = f.fill(made) {
			for b, br := range sh.branches {
				copy(work[b], events)
				for _, s := range br.steps {
					s(work[b][:len(events)], work[b][:len(events)])
				}
			}
			for b := range totals {
				for i, e := range work[b][:len(events)] {
					if sh.join {
						e = both(e, work[1][i])
					}
					totals[b] = sh.branches[b].sink(totals[b], e.Value)
				}
			}
		}
	}
	return totals
}
