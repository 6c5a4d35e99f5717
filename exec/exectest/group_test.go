package exectest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/exectest"
	"github.com/pushcore/pushcore/group"
)

// parcel goes from worker to worker until it has gone far enough.
type parcel struct {
	key   uint64
	seq   int // within the key
	stage int
}

// spill is the size of outboxes: more than the burst that lanes have room for beyond
// the credits, so that they come into use.
const spill = 8

// line is what one stage of one key must stay in order of.
type line struct {
	key   uint64
	stage int
}

// relay is a group of workers that forward every parcel, at depth 1 and with hardly
// any credits, through a simulation.
type relay struct {
	t      *testing.T
	sim    *exectest.Sim
	g      *group.Group[parcel]
	stages int  // that a parcel goes through
	keyed  bool // by KeyHash, anew at each stage; else round in a cycle
	next   map[line]int
	ended  int
}

func newRelay(t *testing.T, cfg exectest.Config, c group.Config[parcel], keyed bool) *relay {
	r := &relay{t: t, sim: newSim(t, cfg), stages: 2 + int(cfg.Seed/4%3), keyed: keyed, next: map[line]int{}}
	c.Depth, c.Worker = 1, r.worker
	c.MaxForwards = []int{1, 2, spill + 4, 0}[cfg.Seed%4] // 0: the default, which is enough for all
	c.Exec = r.sim.Config(exec.Config{Burst: 1 + int(cfg.Seed%5)})
	if keyed {
		c.Balance = balance.KeyHash()
		c.Key = func(v *parcel) uint64 { return balance.Mix(v.key) + uint64(v.stage) }
	}
	var err error
	r.g, err = group.New(c)
	require.NoError(t, err)
	for i := range r.g.Workers() {
		r.sim.Add(r.g.Exec(i))
	}
	return r
}

func (r *relay) worker(l *exec.Local, id int) (group.Handler[parcel], error) {
	f, err := r.g.Forwarder(l)
	return group.HandlerFunc[parcel](func(_ *exec.Local, batch []parcel) int {
		for i, v := range batch {
			if r.sim.Rand().IntN(10) == 0 {
				return i // now and then it holds back
			}
			if r.keyed {
				at := line{v.key, v.stage}
				require.Equal(r.t, r.next[at], v.seq, "key %d at stage %d", v.key, v.stage)
				r.next[at]++
			}
			if v.stage++; v.stage == r.stages {
				r.ended++
				continue
			}
			if r.keyed {
				err = f.Send(v)
			} else {
				err = f.SendTo((id+1)%r.g.Workers(), v)
			}
			require.NoError(r.t, err, "a forwarder within its credits is never refused")
		}
		return len(batch)
	}), err
}

// feed sends n parcels as fast as the group takes them, one by one and in batches,
// between steps.
func (r *relay) feed(n int) {
	r.feedBy(n, func(p *group.Producer[parcel], vs []parcel) (rest []parcel) {
		if r.sim.Rand().IntN(2) == 0 {
			rest, _ = p.SendBatch(vs)
			return rest
		}
		for len(vs) > 0 && p.Send(vs[0]) == nil {
			vs = vs[1:]
		}
		return vs
	})
}

func (r *relay) feedBy(n int, send func(p *group.Producer[parcel], vs []parcel) (rest []parcel)) {
	p, err := r.g.Producer()
	require.NoError(r.t, err)
	seqs := map[uint64]int{}
	var waiting []parcel
	for made, tries := 0, 0; made < n || len(waiting) > 0; tries++ {
		require.Less(r.t, tries, 10_000*n, "seed %d: nothing moves", r.sim.Seed())
		for made < n && len(waiting) < 10 {
			key := uint64(r.sim.Rand().IntN(5))
			waiting = append(waiting, parcel{key: key, seq: seqs[key]})
			seqs[key]++
			made++
		}
		waiting = send(p, waiting)
		for range r.sim.Rand().IntN(4) {
			r.sim.Step()
		}
	}
	_, err = p.Close()
	require.NoError(r.t, err)
}

// Workers that forward into each other's full rings, in a cycle and by key, never
// block each other; the order of each key holds at every stage.
func TestForwardersInACycle(t *testing.T) {
	for name, full := range map[string]group.Full{"Fail": group.Fail(), "Spill": group.Spill(spill)} {
		for _, workers := range []int{2, 3} {
			for _, keyed := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/workers=%d/keyed=%t", name, workers, keyed), func(t *testing.T) {
					exectest.Seeds(t, sized(50, 200, 20_000), func(t *testing.T, seed uint64) {
						const parcels = 30
						r := newRelay(t, rough(seed), group.Config[parcel]{Workers: workers, OnFull: full}, keyed)
						r.feed(parcels)
						require.NoError(t, r.sim.Settle())
						require.Equal(t, parcels, r.ended)
						undone, err := r.g.Drain(context.Background())
						require.NoError(t, err)
						require.Empty(t, undone)
						s := r.g.Stats()
						require.EqualValues(t, parcels, s.Accepted)
						require.EqualValues(t, parcels*(r.stages-1), s.Forwarded)
						require.Equal(t, s.Accepted+s.Forwarded, s.Executed)
					})
				})
			}
		}
	}
}

// A group that is drained in the middle of its work gives back what it has not done.
func TestDrainInTheMiddle(t *testing.T) {
	exectest.Seeds(t, sized(100, 500, 20_000), func(t *testing.T, seed uint64) {
		r := newRelay(t, rough(seed), group.Config[parcel]{Workers: 2 + int(seed%2), OnFull: group.Spill(spill)}, false)
		r.feed(1 + r.sim.Rand().IntN(20))
		undone, err := r.g.Drain(context.Background())
		require.NoError(t, err)
		s := r.g.Stats()
		require.Equal(t, s.Accepted+s.Forwarded, s.Executed+s.Returned)
		require.EqualValues(t, len(undone), s.Returned)
		require.EqualValues(t, s.Accepted, r.ended+len(undone), "each parcel is somewhere")
	})
}

// Work forwarded into a group from an Exec that is none of its workers.
func TestForwarderFromOutsideTheGroup(t *testing.T) {
	exectest.Seeds(t, sized(50, 200, 10_000), func(t *testing.T, seed uint64) {
		r := newRelay(t, rough(seed), group.Config[parcel]{Workers: 2}, true)
		x := newExec(t, r.sim, exec.Config{Name: "outside"})
		const parcels = 30
		sent := 0
		onLoop(x, func(l *exec.Local) {
			f, err := r.g.Forwarder(l)
			require.NoError(t, err)
			var more exec.Func
			more = func(l *exec.Local) {
				for sent < parcels && f.Send(parcel{key: 1, seq: sent}) == nil {
					sent++
				}
				if sent < parcels {
					l.After(10*time.Microsecond, more)
				}
			}
			l.Spawn(more)
		})
		require.NoError(t, r.sim.Settle())
		require.Equal(t, parcels, sent)
		require.Equal(t, parcels, r.ended)
		undone, err := r.g.Drain(context.Background())
		require.NoError(t, err)
		require.Empty(t, undone)
	})
}

// The worker at the end of the line is slow, and nobody sends anything back: what is
// in an outbox when its worker has nothing else to do gets out all the same.
func TestOutboxIsEmptied(t *testing.T) {
	exectest.Seeds(t, sized(100, 500, 20_000), func(t *testing.T, seed uint64) {
		cfg := rough(seed)
		cfg.Seed = seed*20 + 2 // spill+4 credits, a burst of 3: a lane has room for 7
		r := newRelay(t, cfg, group.Config[parcel]{Workers: 2, OnFull: group.Spill(spill)}, false)
		r.stages = 2
		const parcels = 40
		r.feedBy(parcels, func(p *group.Producer[parcel], vs []parcel) []parcel {
			for len(vs) > 0 && p.SendTo(0, vs[0]) == nil {
				vs = vs[1:]
			}
			return vs
		})
		require.NoError(t, r.sim.Settle())
		require.Equal(t, parcels, r.ended)
	})
}
