package balance

import "fmt"

// traced notes what another balancer does.
//
// It is no BatchPicker even where next is one: within a batch there is no View that shows what next saw.
type traced struct {
	wrapper
	tape *tape
}

// Traced returns a policy that picks as next does and notes every decision in t, for people who want to know why an
// item went where it went:
//
//	trace := balance.NewTrace(16, 1000)
//	policy := balance.Traced(trace, balance.PowerOfTwo(0))
//	...
//	for _, d := range trace.Snapshot() {
//		fmt.Println(d)
//	}
//
// Every balancer notes on a tape of its own, so that tracing does not tie producers together. A pick costs an
// uncontended lock and a copy of the depths more, and never waits for a reader; a group that is traced refreshes depths
// and clock also for a next that looks at neither. With a nil trace Traced returns next itself: what is not traced pays
// nothing.
//
// It is Ordered and Sticky if next is. The policy returns an error if next is nil or the trace was made for less than
// one balancer or decision, or for more than 2^20 decisions, and next's errors.
func Traced(t *Trace, next Policy) Policy {
	if t == nil && next != nil {
		return next
	}
	return func(v *View) (Balancer, error) {
		if t != nil && (t.balancers < 1 || t.decisions < 1) {
			return nil, fmt.Errorf("balance: a trace of %d decisions of each of %d balancers keeps nothing (want at least 1 of each)", t.decisions, t.balancers)
		}
		if t != nil && t.decisions > maxDecisions {
			return nil, fmt.Errorf("balance: a trace of %d decisions of each balancer is too long (want at most %d)", t.decisions, maxDecisions)
		}
		w, err := newWrapper("Traced", next, v)
		if err != nil {
			return nil, err
		}
		return &traced{w, t.add(v.N())}, nil
	}
}

func (b *traced) Pick(key uint64, v *View) int {
	i := b.next.Pick(key, v)
	b.tape.record(key, i, v)
	return i
}

func (b *traced) Update(v *View) error {
	b.tape.fit(v.N())
	return b.next.Update(v)
}

func (b *traced) Ordered() bool { return b.next.Ordered() }

// Reads implements [Frugal]: it notes depths and times.
func (b *traced) Reads() Reads { return ReadsDepth | ReadsNow | ReadsOf(b.next) }

// Sticky implements [Sticky].
func (b *traced) Sticky() bool { return IsSticky(b.next) }
