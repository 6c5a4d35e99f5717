package group

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/internal/backoff"
)

// A change of the workers, as those who send see it.
//
// If the balancers keep order by themselves, or none, the next roster is simply put into the place of the one before.
// The lanes to a worker that leaves are closed then; its senders take back what they had staged, and send it to others.
//
// An Ordered balancer that is not Sticky sends a key elsewhere when the roster is another one, whatever is still under
// way. So between the two there is a barrier:
//
//	halted   The lanes of Producers, and of Forwarders outside the group, are closed: what is accepted is exactly
//	         known, and nobody had to be asked. The workers go on, and send to each other by the old roster,
//	         until they have nothing left (the census finds out).
//	cut      The workers' own lanes are closed, too. What a coroutine or a timer sends now waits in its Forwarder's
//	         backlog; what it had sent just before is handled.
//	         Nothing is under way: states of keys are moved, and what a worker left undone is handed over.
//	flowing  By the next roster. If something has gone wrong, or ctx has ended, by the one before.
//
// No new lane is open while an old one has something in it: a sender opens its lane to a worker only when the one that
// it had there is empty, and nobody opens any before what was handed over has been handled.

// crossing is a change on its way.
type crossing[T any] struct {
	ctx       context.Context
	now, next *roster[T]
	leaving   *worker[T] // who is not in next any more, or nil
	to        int        // the id that gets what it leaves, or -1: whom the balancer picks
	assign    func()     // run where nothing is under way
	parcels   []Parcel   // that leaving has released before it was stopped
	doomed    *worker[T] // leaving, when it has ended or is stopped before it has done all it had
	made      bool       // next is the roster of now
}

// regroup makes c.next the roster of now. If it has not made it so, nothing has changed.
func (g *Group[T]) regroup(c *crossing[T]) error {
	takeBack, err := g.balances(c.now, c.next)
	if err != nil {
		return err
	}
	defer func() {
		if !c.made {
			takeBack()
		}
	}()
	if g.barrier {
		return g.cross(c)
	}
	g.commit(c)
	return nil
}

// balances returns an error if the policy cannot serve next, and how to take back, if next is not made, what a balancer
// that shares what it knows with all others has been told of it. Senders cannot refuse a roster: they find it there.
func (g *Group[T]) balances(now, next *roster[T]) (takeBack func(), err error) {
	takeBack = func() {}
	if slices.Equal(now.open, next.open) && slices.Equal(now.weights, next.weights) {
		return takeBack, nil // balancers do not hear of it
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it panicked: %v", p)
		}
		if err != nil {
			takeBack()
			err = fmt.Errorf("the balancer cannot do with the workers of after the change: %w", err)
		}
	}()
	b, err := g.cfg.Balance(now.view())
	if err != nil {
		return takeBack, err
	}
	takeBack = func() {
		defer func() { _ = recover() }() // it is about to be forgotten
		_ = b.Update(now.view())
	}
	if err = b.Update(next.view()); err == nil { // what senders do that are there
		_, err = g.cfg.Balance(next.view()) // and those that come
	}
	return takeBack, err
}

// commit publishes c.next.
func (g *Group[T]) commit(c *crossing[T]) {
	g.mu.Lock()
	c.next.phase = flowing
	g.roster.Store(c.next)
	if c.leaving != nil {
		c.leaving.leaving = true
	}
	g.mu.Unlock()
	c.made = true
	if c.leaving != nil { // after the roster: who is refused now finds the new one
		c.leaving.fresh.Close()
		c.leaving.fwd.Close()
	}
}

// cross is a change with a barrier.
func (g *Group[T]) cross(c *crossing[T]) (err error) {
	c.next.owed = nil // it was handled before the lanes of now were opened
	defer func() {
		if !c.made {
			g.reopen()
			err = g.stranded(c.parcels, err)
		}
	}()
	if c.leaving != nil && (c.leaving.x.Ended() || c.leaving.doomed.Load()) { // the latter: it was stopped before, but did not end
		c.doomed = c.leaving
	}
	for _, p := range []phase{halted, cut} {
		g.halt(p, c.doomed)
		if err := g.standStill(c); err != nil {
			return err
		}
	}
	if c.assign != nil {
		c.assign()
	}
	parcels, err := g.collect(c)
	if err != nil {
		return err
	}
	c.parcels = nil
	err = g.deliver(c.next, parcels)
	if c.leaving != nil && c.leaving.x.Ended() { // after the states of their keys
		c.next.owed = g.handOver(c.leaving, c.next, c.to)
	}
	g.commit(c)
	return err
}

// halt lets only those send that phase p allows, and nobody to a worker that is doomed, and closes the lanes of the
// others. When it returns, none of these is sending.
func (g *Group[T]) halt(p phase, doomed *worker[T]) {
	g.mu.Lock()
	old := g.roster.Load()
	ro := old.next()
	ro.phase, ro.doomed = p, doomed
	g.roster.Store(ro)
	var lanes []*exec.Lane[T]
	find := func(out []outlet[T]) {
		for i := range out {
			if lane := out[i].lane; lane != nil && !lane.Closed() {
				lanes = append(lanes, lane)
			}
		}
	}
	for producer := range g.producers {
		find(producer.out)
	}
	for _, f := range g.forwarders {
		if f.member == nil || p == cut {
			find(f.out)
		}
	}
	g.mu.Unlock()
	for _, lane := range lanes {
		lane.Close()
	}
	var b backoff.Backoff
	for old.inside.Load() > 0 {
		_ = b.Wait(context.Background()) // strangers never wait inside
	}
}

// reopen lets everybody send as before.
func (g *Group[T]) reopen() {
	g.mu.Lock()
	defer g.mu.Unlock()
	ro := g.roster.Load().next()
	ro.phase = flowing
	ro.doomed = nil
	g.roster.Store(ro)
}

// standStill returns nil when no item of the group is under way. If c.ctx ends first, and it is only the worker that is
// to leave that has not finished, that one is stopped.
func (g *Group[T]) standStill(c *crossing[T]) error {
	if g.awaitStill(c.ctx, nil) {
		return nil
	}
	err := c.ctx.Err()
	if c.leaving != nil && !c.leaving.x.Ended() {
		grace, cancel := context.WithTimeout(g.closing, forceGrace)
		defer cancel()
		if g.awaitStill(grace, c.leaving) {
			err = nil
		}
	}
	if err = cmp.Or(g.isClosed(), err); err != nil {
		return err
	}
	c.doomed = c.leaving
	g.halt(g.roster.Load().phase, c.doomed)
	if err := g.force(c); err != nil {
		return err
	}
	c.ctx = g.closing // there is no way back
	if !g.awaitStill(c.ctx, nil) {
		return ErrClosed
	}
	return nil
}

func (g *Group[T]) isClosed() error {
	if g.closed.Load() {
		return ErrClosed
	}
	return nil
}
