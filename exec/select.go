package exec

import (
	"slices"
	"time"
)

// Case is something that [Select] can wait for: a *Future, a *Join, or what Elapsed,
// Queue.Receiving, Mailbox.Receiving and their like return. A Case made by one of these
// is for one Select at a time.
type Case interface {
	loop() *Local           // whose coroutines may wait for it; nil: any
	try() (bool, error)     // takes it, if it can be taken now
	enlist(w *waiter) error // waits for it in w
	taken() error           // takes it, after w was woken
}

// Select waits until one of the cases can be taken, takes it, and returns its index. If
// several can be taken now it takes the first of them: order the cases by priority. The
// other cases are as if they had never been waited for.
//
// A case that is closed can be taken: its index is returned, with ErrClosed. The index is
// -1 if the wait ended early (ErrCancelled, ErrTimeout), a case belongs to
// another Exec (ErrForeign), or there was no timer left for one (ErrTooMany). Select
// panics without cases, or if one is nil: it would wait for ever.
func Select(co *Co, cases ...Case) (int, error) {
	if err := co.mayTake(); err != nil {
		return -1, err
	}
	if len(cases) == 0 || slices.Contains(cases, nil) {
		panic("exec: Select without a case, or with one that is nil, would wait for ever")
	}
	for _, c := range cases {
		if l := c.loop(); l != nil && l != co.l {
			return -1, ErrForeign
		}
	}
	for i, c := range cases {
		if ok, err := c.try(); ok {
			return i, err
		}
	}
	many := slices.Grow(co.carrier.many[:0], len(cases))[:len(cases)]
	co.carrier.many = many
	defer func() { co.carrier.many = many[:0] }()
	for i, c := range cases {
		w := &many[i]
		w.c, w.owner, w.index = co.carrier, w, i
		if err := c.enlist(w); err != nil {
			co.leavePlaces()
			co.tell()
			return -1, err
		}
	}
	co.carrier.woken = -1
	if err := co.wait(); err != nil {
		return co.carrier.woken, err // the case's, if one was woken
	}
	i := co.carrier.woken
	return i, cases[i].taken()
}

// Elapsed returns a Case that can be taken once d has passed since Select was called. A d
// that is zero or negative has passed.
func Elapsed(d time.Duration) Case { return elapsed(d) }

type elapsed time.Duration

func (elapsed) loop() *Local             { return nil }
func (d elapsed) try() (bool, error)     { return d <= 0, nil }
func (d elapsed) enlist(w *waiter) error { return w.expireIn(time.Duration(d)) }
func (elapsed) taken() error             { return nil }
