package exectest_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/exectest"
	"github.com/pushcore/pushcore/group"
)

// crowd is a group that is sent to in every way there is, and whose handlers forward,
// hold back, and panic. Every item has a number of its own and is followed to its end.
type crowd struct {
	t       *testing.T
	sim     *exectest.Sim
	rng     *rand.Rand
	g       *group.Group[ticket]
	ps      []*group.Producer[ticket]
	last    int         // number given out
	bounded bool        // the balancer may refuse
	in      map[int]int // accepted items, by number: 1 while they are somewhere

	accepted, forwarded, failed, expired int
}

type ticket struct {
	no    int
	hops  int // left to go
	begun bool
}

func newCrowd(t *testing.T, cfg exectest.Config) *crowd {
	s := newSim(t, cfg)
	c := &crowd{t: t, sim: s, rng: s.Rand(), in: map[int]int{}}
	small := func() int { return 1 + c.rng.IntN(4) }
	full := []group.Full{group.Fail(), group.Spill(small())}[c.rng.IntN(2)]
	which := c.rng.IntN(3)
	policy := []balance.Policy{balance.RoundRobin(), balance.KeyHash(), balance.BoundedDepth(small(), balance.RoundRobin())}[which]
	c.bounded = which == 2
	var limit time.Duration
	var late func(*exec.Local, int, []ticket)
	if s.Seed()/3%2 == 0 {
		limit, late = []time.Duration{1, 10 * time.Microsecond, time.Millisecond}[c.rng.IntN(3)], c.late
	}
	var err error
	c.g, err = group.New(group.Config[ticket]{
		MaxWait: limit, OnExpired: late,
		Workers: small(), Depth: small(), MaxForwards: small(), OnFull: full, Balance: policy, MaxProducers: 2,
		Exec:   s.Config(exec.Config{Burst: small(), OnPanic: func(exec.Panic) {}}),
		Worker: c.worker,
	})
	require.NoError(t, err)
	for i := range c.g.Workers() {
		s.Add(c.g.Exec(i))
	}
	for range 2 {
		p, err := c.g.Producer()
		require.NoError(t, err)
		c.ps = append(c.ps, p)
	}
	return c
}

// tickets makes n new items.
func (c *crowd) tickets(n int) (vs []ticket) {
	for range n {
		c.last++
		vs = append(vs, ticket{no: c.last, hops: c.rng.IntN(4)})
	}
	return vs
}

func (c *crowd) sent(vs ...ticket) {
	for _, v := range vs {
		c.in[v.no]++
	}
}

// gone takes items out, each of which must be in.
func (c *crowd) gone(vs ...ticket) {
	for _, v := range vs {
		require.Equal(c.t, 1, c.in[v.no], "item %d was sent once and comes once", v.no)
		delete(c.in, v.no)
	}
}

// late is called with what has waited for too long.
func (c *crowd) late(_ *exec.Local, _ int, batch []ticket) {
	c.gone(batch...)
	for _, v := range batch {
		require.False(c.t, v.begun, "FORWARD work does not expire")
	}
	if c.rng.IntN(20) == 0 {
		c.failed += len(batch)
		panic("a late batch")
	}
	c.expired += len(batch)
}

func (c *crowd) worker(l *exec.Local, _ int) (group.Handler[ticket], error) {
	if c.rng.IntN(4) == 0 { // one that forwards nothing
		return group.HandlerFunc[ticket](func(_ *exec.Local, batch []ticket) int {
			k := c.rng.IntN(len(batch) + 1)
			c.gone(batch[:k]...)
			return k
		}), nil
	}
	f, err := c.g.Forwarder(l)
	return group.HandlerFunc[ticket](func(_ *exec.Local, batch []ticket) int {
		k := len(batch)
		if c.rng.IntN(4) == 0 {
			k = c.rng.IntN(k + 1)
		}
		die := c.rng.IntN(20) == 0
		if die {
			k = len(batch) // all of them fail, and what they have emitted stays
			c.failed += k
		}
		c.gone(batch[:k]...)
		within := k
		for _, v := range batch[:k] {
			copies := min(v.hops, 1)
			if k == len(batch) && c.rng.IntN(5) == 0 {
				copies = min(v.hops, 2) // more than one for one, which may be refused
			}
			for range copies {
				c.last++
				next := ticket{c.last, v.hops - 1, true}
				err := c.forward(f, next)
				if err == nil {
					c.forwarded++
					c.sent(next)
					within--
				} else { // for as many as the handler was given there is always room
					require.ErrorIs(c.t, err, group.ErrFull)
					require.True(c.t, within <= 0 || c.bounded, "refused with %d to go", within)
				}
			}
		}
		if die {
			panic("a batch")
		}
		return k
	}), err
}

func (c *crowd) forward(f *group.Forwarder[ticket], v ticket) error {
	if c.rng.IntN(2) == 0 {
		return f.SendKey(uint64(v.no), v)
	}
	return f.SendTo(c.rng.IntN(c.g.Workers()), v)
}

// send does one of the things that a sender can do.
func (c *crowd) send() {
	p := c.ps[c.rng.IntN(len(c.ps))]
	vs := c.tickets(1 + c.rng.IntN(8))
	one := vs[0]
	var err error
	switch c.rng.IntN(6) {
	case 0:
		err = p.SendKey(uint64(one.no), one)
	case 1:
		err = p.SendTo(c.rng.IntN(c.g.Workers()), one)
	case 2:
		err = p.StageKey(uint64(one.no), one)
	case 3:
		err = c.g.TrySendKey(uint64(one.no), one)
	case 4:
		var rest []ticket
		all := len(vs)
		c.sent(vs...)
		rest, err = p.SendBatch(vs)
		require.Equal(c.t, err == nil, len(rest) == 0)
		c.gone(rest...)
		c.accepted += all - len(rest)
		return
	case 5:
		rest, err := p.Flush()
		require.NoError(c.t, err)
		require.Empty(c.t, rest)
		return
	}
	if err == nil {
		c.sent(one)
		c.accepted++
	} else {
		require.ErrorIs(c.t, err, group.ErrFull)
	}
}

// Items go through a group once each, however they are sent and whatever the handlers
// do; what a Drain in the middle gives back makes the account complete.
func TestCrowd(t *testing.T) {
	exectest.Seeds(t, sized(300, 2000, 100_000), func(t *testing.T, seed uint64) {
		c := newCrowd(t, rough(seed))
		end := c.rng.IntN(2)
		for range c.rng.IntN(150) {
			c.send()
			for range c.rng.IntN(4) {
				c.sim.Step()
			}
		}
		for _, p := range c.ps {
			rest, err := p.Close()
			require.NoError(t, err)
			require.Empty(t, rest)
		}
		if end == 0 {
			require.NoError(t, c.sim.Quiet())
			require.Empty(t, c.in)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		undone, err := c.g.Drain(ctx)
		require.NoError(t, err)
		require.True(t, end > 0 || len(undone) == 0)
		c.gone(undone...)
		require.Empty(t, c.in)
		s := c.g.Stats()
		require.EqualValues(t, c.accepted, s.Accepted)
		require.EqualValues(t, c.forwarded, s.Forwarded)
		require.EqualValues(t, c.failed, s.Failed)
		require.EqualValues(t, len(undone), s.Returned)
		require.EqualValues(t, c.expired, s.Expired)
		require.Equal(t, s.Accepted+s.Forwarded, s.Executed+s.Failed+s.Expired+s.Returned)
	})
}
