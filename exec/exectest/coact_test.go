package exectest_test

import (
	"errors"
	"runtime"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// What a coroutine can do.
const (
	actYield = iota
	actSleep
	actSend
	actReceive
	actPermits
	actLock
	actPost
	actMail
	actAwait
	actKeep
	actPark
	actWake
	actSelect
	actCall
	actCallGo
	actWithin
	actGo
	actJoin
	actAbort
	actSpawn
	actPanic
	numActs
)

// act does one of the things. The error is that of a wait that ended early.
func (c *cor) act() error {
	n, w := c.n, c.n.w
	if w.left == 0 || w.closing {
		return nil
	}
	w.left--
	kind := w.rng.IntN(numActs)
	if c.holding && kind > actSleep { // whoever waits for the permits must not be waited for
		kind %= actSend
	}
	w.did[kind]++
	c.doing = kind
	switch kind {
	case actYield:
		return c.waited("Yield", c.co.Yield())
	case actSleep:
		d := w.short()
		due := w.sim.Clock().Now() + d
		err := c.waited("Sleep", c.co.Sleep(d), exec.ErrTooMany)
		w.judge(err != nil || w.sim.Clock().Now() >= due, "Sleep of %v was too short", d)
		return err
	case actSend:
		v := c.offer()
		err := c.waited("Queue.Send", n.queue.Send(c.co, v), exec.ErrClosed)
		c.sent(v, err == nil)
		return err
	case actReceive:
		v, err := n.queue.Receive(c.co)
		if c.waited("Queue.Receive", err, exec.ErrClosed) == nil {
			n.ticketed(v)
		}
		return err
	case actPermits:
		k := 1 + w.rng.IntN(n.size)
		answered := n.asking(k)
		err := c.waited("Acquire", n.sem.Acquire(c.co, k))
		if answered(); err != nil {
			return err
		}
		return c.hold(k)
	case actLock:
		if err := c.waited("Lock", n.mutex.Lock(c.co)); err != nil {
			return err
		}
		n.in++
		w.judge(n.in == 1, "%d are let through by a Mutex", n.in)
		defer func() {
			n.in--
			n.mutex.Unlock()
		}()
		return c.nested()
	case actPost:
		w.post(n, w.nodes[w.rng.IntN(len(w.nodes))])
	case actMail:
		m, err := n.mail.Receive(c.co)
		if c.waited("Mailbox.Receive", err, exec.ErrClosed) == nil {
			n.got(m)
		}
		return err
	case actAwait:
		v := n.vow()
		got, err := v.Future().Await(c.co)
		w.judge(err != nil || got == v.no, "Promise %d has the value %d", v.no, got)
		return c.waited("Await", err)
	case actKeep:
		if len(n.vows) > 0 {
			n.keep(w.rng.IntN(len(n.vows)))
		}
	case actPark:
		err := c.waited("Park", c.co.Park())
		if c.mustWake = false; err == nil {
			c.parks++
		}
		return err
	case actWake:
		if to := w.nodes[w.rng.IntN(len(w.nodes))]; len(to.cors) > 0 {
			to.cors[w.rng.IntN(len(to.cors))].wake()
		}
	case actSelect:
		return c.choose()
	case actCall:
		return c.call(w.nodes[w.rng.IntN(len(w.nodes))])
	case actCallGo:
		return c.callGo(w.nodes[w.rng.IntN(len(w.nodes))])
	case actWithin:
		return c.within()
	case actGo:
		_, _, _ = w.begin(c.co.Local(), n, c.depth)
	case actJoin:
		j, no, err := w.begin(c.co.Local(), n, c.depth)
		if err != nil {
			return nil
		}
		v, err := j.Await(c.co)
		w.judge(err != nil || v == no, "coroutine %d returned %d", no, v)
		return c.answered("Join.Await", err, j.Finished())
	case actAbort:
		if len(n.joins) > 0 {
			n.joins[w.rng.IntN(len(n.joins))].Abort()
		}
	case actSpawn:
		if w.rng.IntN(2) == 0 {
			c.co.Local().Spawn(exec.Func(n.one))
		} else {
			c.co.Local().After(w.short(), exec.Func(n.one))
		}
	case actPanic:
		if w.mayPanic && w.rng.IntN(4) == 0 {
			if w.rng.IntN(2) == 0 {
				runtime.Goexit()
			}
			panic("a coroutine")
		}
	}
	return nil
}

func (w *coWorld) short() time.Duration { return time.Duration(w.rng.IntN(200)) * time.Microsecond }

// nested does a little while something is held.
func (c *cor) nested() error {
	was := c.holding
	defer func() { c.holding = was }()
	c.holding = true
	for range c.n.w.rng.IntN(3) {
		if err := c.act(); err != nil {
			return err
		}
	}
	return nil
}

// within limits the time of a few acts.
func (c *cor) within() error {
	w := c.n.w
	d := w.short()
	c.scopes++
	c.limits = append(c.limits, w.sim.Clock().Now()+d)
	depth, ran := len(c.limits), false
	defer func() { c.limits = c.limits[:depth-1] }()
	err := c.co.Within(d, func() error {
		ran = true
		for range w.rng.IntN(4) {
			limits := c.scopes
			err := c.act()
			if limits == c.scopes && depth == 1 && errors.Is(err, exec.ErrTimeout) { // it is this one's, and not told again in another way
				err = c.co.Yield()
				w.judge(errors.Is(err, exec.ErrTimeout) || errors.Is(err, exec.ErrCancelled), "out of time, Yield returned %v", err)
			}
			if errors.Is(err, exec.ErrCancelled) || errors.Is(err, exec.ErrTimeout) {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, exec.ErrTooMany) {
		w.judge(!ran, "Within: %v, and f was run", err)
	}
	return err
}

// vow returns a Promise that is not kept yet, or a new one.
func (n *coNode) vow() *vow {
	w := n.w
	if len(n.vows) == 0 || w.rng.IntN(2) == 0 {
		w.no++
		n.vows = append(n.vows, &vow{w.no, exec.NewPromise[int](n.l)})
	}
	return n.vows[w.rng.IntN(len(n.vows))]
}

func (n *coNode) keep(i int) {
	v := n.vows[i]
	n.vows = append(n.vows[:i], n.vows[i+1:]...)
	v.Complete(v.no)
}

func (c *cor) wake() {
	c.wakes++
	c.mustWake = true
	c.waker.Wake()
}

// post sends a message, by the lane or the shared ring.
func (w *coWorld) post(n, to *coNode) {
	s := stream{n.id, to.id, w.rng.IntN(2) == 0}
	m := msg{s, w.sent[s]}
	if s.lane && n.lanes[to.id].Push(m) || !s.lane && to.mail.TrySend(m) {
		w.sent[s]++
		w.accepted++
	}
}
