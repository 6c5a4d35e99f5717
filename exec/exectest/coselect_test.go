package exectest_test

import (
	"errors"
	"slices"

	"github.com/pushcore/pushcore/exec"
)

// asking notes that k permits are asked for, until the answer is there.
func (n *coNode) asking(k int) (answered func()) {
	n.asks = append(n.asks, k)
	return func() {
		i := slices.Index(n.asks, k)
		n.asks = slices.Delete(n.asks, i, i+1)
	}
}

// hold has k permits for a while.
func (c *cor) hold(k int) error {
	n := c.n
	n.held += k
	n.w.judge(n.held <= n.size, "%d of %d permits are taken", n.held, n.size)
	defer func() {
		n.held -= k
		n.sem.Release(k)
	}()
	return c.nested()
}

// choose waits for several things at once.
func (c *cor) choose() error {
	n, w := c.n, c.n.w
	var (
		v    ticketOf
		m    msg
		mine = c.offer()
		k    = 1 + w.rng.IntN(n.size)
		vow  = n.vow()
		d    = w.short()
		due  = w.sim.Clock().Now() + d
	)
	all := []struct {
		exec.Case
		taken  func()
		closes bool
	}{
		{n.queue.Receiving(&v), func() { n.ticketed(v) }, true},
		{n.queue.Sending(mine), func() {}, true},
		{n.mail.Receiving(&m), func() { n.got(m) }, true},
		{n.sem.Acquiring(k), func() {}, false},
		{vow.Future(), func() { w.judge(vow.Future().Done(), "a Promise that was not kept was taken") }, false},
		{exec.Elapsed(d), func() { w.judge(w.sim.Clock().Now() >= due, "%v have not passed", d) }, false},
	}
	var cases []exec.Case
	answered := func() {}
	order := w.rng.Perm(len(all))[:1+w.rng.IntN(len(all))]
	for _, i := range order {
		cases = append(cases, all[i].Case)
		if i == 3 {
			answered = n.asking(k)
		}
	}
	i, err := exec.Select(c.co, cases...)
	answered()
	which := -1
	if i >= 0 {
		which = order[i]
	}
	c.sent(mine, which == 1 && err == nil)
	switch {
	case which >= 0 && err == nil:
		all[which].taken()
		if which == 3 {
			return c.hold(k)
		}
	case which >= 0:
		w.judge(all[which].closes && errors.Is(err, exec.ErrClosed), "Select returned %d and %v", which, err)
	default:
		return c.waited("Select", err, exec.ErrTooMany)
	}
	return err
}
