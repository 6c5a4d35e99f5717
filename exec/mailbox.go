package exec

import (
	"errors"
	"slices"
)

// Mailbox is an Inbox that coroutines receive from, one by one, instead of having a
// handler. Any goroutine may send to it, as to an Inbox. What nobody has received yet
// stays in its rings, where it is back-pressure.
//
// When the Mailbox is closed, or its Exec is drained, those who wait for a value that will
// not come get ErrClosed. A drain does not wait for somebody to receive what is left: it
// stays for Undone.
type Mailbox[T any] struct {
	*Inbox[T]
	receivers waitList
	asking    int // values that the coroutine which polls now can take at once
	got       []T // taken out of the rings, for receivers that have been woken
}

// NewMailbox adds a Mailbox to x, under the same rules as [NewInbox]. cfg.Handle and the
// other functions must be nil.
func NewMailbox[T any](x *Exec, cfg InboxConfig[T]) (*Mailbox[T], error) {
	if cfg.Handle != nil || cfg.Admit != nil || cfg.Settle != nil {
		return nil, errors.New("exec: a Mailbox has no Handle, Admit or Settle: coroutines receive from it")
	}
	if cfg.MaxWait != 0 || cfg.OnExpired != nil {
		return nil, errors.New("exec: a Mailbox has no MaxWait or OnExpired: coroutines see themselves how old a value is")
	}
	if cfg.Name == "" {
		cfg.Name = "mailbox"
	}
	m := &Mailbox[T]{}
	cfg.Handle = m.handle
	in, err := newInbox(x, cfg)
	if err != nil {
		return nil, err
	}
	m.Inbox = in
	if err := x.addInbox(m, cfg.Control); err != nil {
		return nil, err
	}
	return m, nil
}

// Close refuses whatever is sent from now on; what was accepted can still be received.
// Anyone may call it.
func (m *Mailbox[T]) Close() {
	m.Inbox.Close()
	m.x.Wake() // receivers that wait want to know
}

// quiesce closes the Mailbox on its loop, so that those who receive until there is nothing
// left come to an end.
func (m *Mailbox[T]) quiesce() { m.closeRings() }

// Receive waits for a value. Values of one sender come in the order sent. It returns
// ErrClosed when the Mailbox is closed and empty.
func (m *Mailbox[T]) Receive(co *Co) (v T, err error) {
	if m.x.loop != co.l {
		return v, ErrForeign
	}
	if err := co.mayTake(); err != nil {
		return v, err
	}
	if v, ok := m.TryReceive(); ok {
		return v, nil
	}
	if m.over() {
		return v, ErrClosed
	}
	m.hear()
	if err := co.await(&m.receivers); err != nil {
		return v, err
	}
	return m.take(), nil
}

// TryReceive takes a value if there is one that no waiting coroutine will get. It is
// called on the loop, by a coroutine or a task.
func (m *Mailbox[T]) TryReceive() (v T, ok bool) {
	m.x.loop.check()
	if !m.receivers.empty() {
		return v, false
	}
	had, outer := len(m.got), m.x.loop.running
	m.asking = 1
	m.pull(m.x.loop, 1)
	m.asking, m.x.loop.running = 0, outer
	if len(m.got) == had {
		return v, false
	}
	return m.take(), true // the oldest: one more is left for those who have been woken
}

// Receiving returns a Case that receives into *v.
func (m *Mailbox[T]) Receiving(v *T) Case { return &receivingMail[T]{m, v} }

// handle takes as many values out of the rings as somebody can use.
func (m *Mailbox[T]) handle(_ *Local, batch []T) (n int) {
	for n < len(batch) && (m.asking > 0 || !m.receivers.empty()) {
		m.got = append(m.got, batch[n])
		n++
		if m.asking > 0 {
			m.asking--
		} else {
			m.receivers.wakeOne()
		}
	}
	return n
}

func (m *Mailbox[T]) take() T {
	v := m.got[0]
	m.got = slices.Delete(m.got, 0, 1)
	return v
}

// poll takes the place of the Inbox's in the turn.
func (m *Mailbox[T]) poll(l *Local, budget int) (n int) {
	if m.receivers.empty() {
		return 0
	}
	n = m.pull(l, budget)
	if !m.receivers.empty() && m.over() {
		m.receivers.failAll(ErrClosed)
		n++
	}
	return n
}

// pull takes values out of the rings. That nobody wants the rest is no reason to come
// back soon.
func (m *Mailbox[T]) pull(l *Local, budget int) int {
	held := l.held
	n := m.Inbox.poll(l, budget)
	l.held = held
	return n
}

func (m *Mailbox[T]) ready() bool {
	if m.receivers.empty() {
		m.deaf.Store(true)
		return false
	}
	return m.Inbox.ready() || m.over()
}

// hear is called before a receiver waits.
func (m *Mailbox[T]) hear() {
	if m.deaf.Load() {
		m.deaf.Store(false)
	}
}

// over reports whether nothing will come any more. Closed is asked first: what was
// accepted is in the rings then.
func (m *Mailbox[T]) over() bool { return m.shared.Closed() && m.Inbox.empty() }

// empty tells a drain whether there is something left to do here: values that nobody waits
// for are none. If somebody is still to come for them, that is a coroutine, or a task, for
// which the drain waits anyway.
func (m *Mailbox[T]) empty() bool { return m.receivers.empty() || m.Inbox.empty() }

type receivingMail[T any] struct {
	m *Mailbox[T]
	v *T
}

func (r *receivingMail[T]) loop() *Local { return r.m.x.loop }
func (r *receivingMail[T]) try() (bool, error) {
	v, ok := r.m.TryReceive()
	if ok {
		*r.v = v
	} else if r.m.over() {
		return true, ErrClosed
	}
	return ok, nil
}
func (r *receivingMail[T]) enlist(w *waiter) error {
	r.m.hear()
	r.m.receivers.push(w)
	return nil
}
func (r *receivingMail[T]) taken() error {
	*r.v = r.m.take()
	return nil
}
