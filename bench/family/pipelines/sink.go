package pipelines

import (
	"errors"
	"fmt"

	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/internal/mem"
)

// sink is the end of one branch, or of two that join there. It belongs to one thread.
type sink interface {
	// wants returns from which branch events are needed next, and how many it would take at most.
	wants() (branch, most int)
	// take uses events of a branch and returns how many: all, unless the other branch is behind.
	take(branch int, events []event) int
	// ended reports whether there is nothing more to come.
	ended() bool
	// err says what was wrong with n events, of which the total should be want.
	err(n int, want uint64) error
}

// newSinks returns the sinks of a shape.
func (sh shape) newSinks() (sinks []sink) {
	for i, b := range sh.branches[:sh.sinks()] {
		t := tally{shape: sh, op: b.sink, checks: make([]measure.Check, sh.sources), due: sh.due}
		if sh.due != nil && i > 0 {
			t.due = sh.due.Fork()
		}
		if _, at := sh.at(i); sh.cpu(at) == 1 {
			t.skew = sh.skew
		}
		if sh.join {
			sinks = append(sinks, &pairs{tally: t, left: make([]event, measure.Capacity)})
		} else {
			sinks = append(sinks, &t)
		}
	}
	return sinks
}

// tally checks the events of every source and adds their values up.
type tally struct {
	shape  shape
	checks []measure.Check
	op     op
	total  uint64
	ends   int
	strays int // events that cannot be anybody's, or have met another one than their own

	due  *ages.Schedule // nil: nobody asks when
	now  int64          // when the last events came, by the schedule's clock
	skew int64          // of this sink's
}

func (t *tally) wants() (branch, most int) { return 0, drain }
func (t *tally) ended() bool               { return t.ends >= t.shape.sources }

func (t *tally) take(_ int, events []event) int {
	t.look()
	for _, e := range events {
		t.see(e)
	}
	return len(events)
}

// look reads the clock, if anybody asks for ages.
func (t *tally) look() {
	if t.due != nil {
		t.now = mem.Ticks() - t.skew
	}
}

func (t *tally) see(e event) {
	source := e.Seq >> sourceBits
	switch {
	case source >= uint64(len(t.checks)):
		t.strays++
	case e.last():
		if t.ends++; t.due != nil && t.ended() {
			t.due.End()
		}
	default:
		if t.due != nil {
			t.due.Done(int(source), int(e.Seq&seqMask), t.now)
		}
		t.checks[source].Add(e.Seq & seqMask)
		t.total = t.op(t.total, e.Value)
	}
}

func (t *tally) err(n int, want uint64) (err error) {
	for i := range t.checks {
		if one := t.checks[i].Err(int(t.shape.feed(i, n).left)); one != nil {
			err = errors.Join(err, fmt.Errorf("source %d: %w", i, one))
		}
	}
	if t.strays > 0 || t.ends != t.shape.sources || t.total != want {
		err = errors.Join(err, fmt.Errorf("data error: %d stray events, %d ends of %d sources, values come to %d, not %d",
			t.strays, t.ends, t.shape.sources, t.total, want))
	}
	return err
}

// pairs joins two branches: the first one's events wait for the second one's.
type pairs struct {
	tally
	left       []event // from head to tail, modulo the length
	head, tail uint64
	over       [2]bool // the branch has ended
}

func (p *pairs) wants() (branch, most int) {
	switch {
	case p.over[0]:
		return 1, drain
	case p.head != p.tail:
		return 1, int(p.tail - p.head)
	}
	return 0, drain
}

func (p *pairs) ended() bool { return p.over[0] && p.over[1] }

func (p *pairs) take(branch int, events []event) int {
	if branch == 0 {
		return p.keep(events)
	}
	p.look()
	return p.match(events)
}

func (p *pairs) keep(events []event) int {
	events = events[:min(uint64(len(events)), uint64(len(p.left))-(p.tail-p.head))]
	for _, e := range events {
		p.left[p.tail%uint64(len(p.left))] = e
		p.tail++
		p.over[0] = p.over[0] || e.last()
	}
	return len(events)
}

// match holds back what is ahead of the first branch. What comes behind that one's end has no partner: then something
// else has met the end, and counts as a stray.
func (p *pairs) match(events []event) int {
	for i, e := range events {
		if p.head == p.tail && !p.over[0] {
			return i
		}
		p.over[1] = p.over[1] || e.last()
		if p.head == p.tail {
			continue
		}
		l := p.left[p.head%uint64(len(p.left))]
		p.head++
		if l.Seq != e.Seq {
			p.strays++
		}
		p.see(both(l, e))
	}
	return len(events)
}
