package exectest_test

import (
	"errors"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// judge fails the test, and lets the coroutine go on.
func (w *coWorld) judge(ok bool, format string, args ...any) {
	if !ok && !w.t.Failed() {
		w.t.Errorf("step %d: "+format, append([]any{w.sim.Steps()}, args...)...)
	}
}

// task counts what was accepted from elsewhere.
func (w *coWorld) task(ok bool) {
	if ok {
		w.accepted++
	}
}

// waited judges what a wait has returned: nothing ends early without a reason.
func (c *cor) waited(what string, err error, also ...error) error {
	w := c.n.w
	for _, e := range also {
		if errors.Is(err, e) {
			return err
		}
	}
	switch {
	case err == nil:
	case errors.Is(err, exec.ErrCancelled):
		w.judge(c.co.Err() != nil, "%s returned %v, and the coroutine is not cancelled", what, err)
	case errors.Is(err, exec.ErrTimeout):
		w.judge(c.late(), "%s returned %v, and no limit has passed", what, err)
	default:
		w.judge(false, "%s returned %v", what, err)
	}
	return err
}

// late reports whether the time of a Within has passed.
func (c *cor) late() bool {
	for _, at := range c.limits {
		if c.n.w.sim.Clock().Now() >= at {
			return true
		}
	}
	return false
}

// offer makes a ticket that is about to be sent.
func (c *cor) offer() ticketOf {
	w := c.n.w
	w.no++
	w.tickets[w.no] = offered
	return ticketOf{w.no, c}
}

// sent judges a ticket that was, or was not. Others may have received it before the sender
// goes on.
func (c *cor) sent(v ticketOf, ok bool) {
	w := c.n.w
	was := w.tickets[v.no]
	if !ok {
		w.judge(was == offered, "ticket %d was received, and its sender got an error", v.no)
		delete(w.tickets, v.no)
		return
	}
	c.n.put++
	if was == offered {
		w.tickets[v.no] = accepted
	}
}

// ticketed judges a ticket that came out of the Queue.
func (n *coNode) ticketed(v ticketOf) {
	w := n.w
	was := w.tickets[v.no]
	w.judge(was == offered || was == accepted, "ticket %d came, which is %d", v.no, was)
	w.tickets[v.no] = received
	w.judge(v.no > v.by.ticket, "ticket %d came after %d", v.no, v.by.ticket)
	v.by.ticket = v.no
	n.took++
}

// got judges the order of a message that came out of the Mailbox, or was left in it.
func (n *coNode) got(m msg) {
	w := n.w
	w.judge(m.to == n.id && w.seen[m.stream] == m.seq, "%+v came, and %d is next", m, w.seen[m.stream])
	w.seen[m.stream]++
}

// quiescent judges a world that sleeps: nobody waits for what is there, or for somebody who
// is gone. (Queues and permits of an Exec that has ended are nobody's.)
func (w *coWorld) quiescent() {
	for _, k := range w.calls {
		w.judge(k.over || k.by.ended || !k.to.x.Ended(), "call %d waits for node %d, which has ended", k.no, k.to.id)
		w.judge(!k.over || k.body == nil || k.body.ended, "call %d was given up, and its coroutine waits in act %d", k.no, k.body.acting())
	}
	for _, n := range w.nodes {
		if n.l == nil {
			continue
		}
		w.judge(len(n.asks) == 0 || slices.Max(n.asks) > n.sem.Free(), "node %d: %v permits are asked for, and %d are free", n.id, n.asks, n.sem.Free())
		for _, c := range n.cors {
			if c.ended {
				continue
			}
			w.judge(!n.x.Ended(), "node %d has ended, and a coroutine of it waits in act %d", n.id, c.doing)
			w.judge(n != w.quiesced || !c.onDrain, "node %d was told of a drain, and a coroutine that asked for it waits in act %d", n.id, c.doing)
			w.judge(n != w.quiesced || c.doing != actMail, "node %d was told of a drain, and a coroutine waits for mail", n.id)
			switch c.doing {
			case actSend:
				w.judge(n.queue.Len() == n.queue.Cap(), "node %d: a sender waits, and there is room", n.id)
			case actReceive:
				w.judge(n.queue.Len() == 0, "node %d: a receiver waits, and there is a ticket", n.id)
			case actMail:
				w.judge(n.mail.Len() == 0 && !w.closing, "node %d: a receiver waits, and there is mail, or will be none", n.id)
			case actYield, actSleep, actWithin:
				w.judge(false, "node %d: a coroutine waits in act %d, which ends by itself", n.id, c.doing)
			}
			w.judge(c.doing != actPark || !c.mustWake, "node %d: a coroutine was woken and parks", n.id)
		}
	}
}

// acting returns what the coroutine does.
func (c *cor) acting() int {
	if c == nil {
		return -1
	}
	return c.doing
}

// settled judges a world in which nothing goes on any more: every coroutine has ended,
// every call was answered.
func (w *coWorld) settled() {
	for _, n := range w.nodes {
		for _, c := range n.cors {
			w.judge(c.ended, "a coroutine of node %d has not ended: act %d was its last", n.id, c.doing)
			w.judge(c.parks <= c.wakes, "a coroutine of node %d was woken %d times, and %d Parks have ended", n.id, c.wakes, c.parks)
		}
		require.Zero(w.t, n.x.Stats().Coroutines, "of node %d", n.id)
	}
	require.Equal(w.t, w.begun, w.ended, "coroutines that have begun, and ended")
}

// conserved checks the account once all is over.
func (w *coWorld) conserved() {
	var settled, known uint64
	for _, n := range w.nodes {
		s := n.x.Stats()
		settled += s.Executed() + s.Failed() + s.Expired + s.Returned
		known += s.Spawned
		require.Zero(w.t, s.Depth)
		require.Zero(w.t, s.Coroutines)
		for _, j := range n.joins {
			require.True(w.t, j.Finished())
		}
		if n.l == nil {
			continue // never stepped
		}
		require.Equal(w.t, n.put, n.took+n.queue.Len(), "tickets of node %d: sent = received + left", n.id)
		require.Equal(w.t, n.size, n.sem.Free(), "permits of node %d", n.id)
		require.Zero(w.t, n.held)
		require.Zero(w.t, n.in)
	}
	// A call that was refused was not accepted, and one that nobody waited for any more
	// may have been.
	known += w.accepted
	require.GreaterOrEqual(w.t, settled, known+w.ran, "accepted = executed + failed + expired + returned")
	require.LessOrEqual(w.t, settled, known+w.asked, "accepted = executed + failed + expired + returned")
	require.Equal(w.t, w.sent, w.seen)
	require.NoError(w.t, w.sim.Err())
}
