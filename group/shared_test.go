package group_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// step lets every worker of a group that was not started handle all that it has.
func step(g *group.Group[item]) {
	for _, id := range g.IDs() {
		for worked := true; worked; {
			worked, _ = g.Exec(id).Step()
		}
	}
}

// A balancer that all senders share sees what is taken of each one's items, also of those that do nothing any more.
func TestSharedBalancer(t *testing.T) {
	const k, workers = 2, 2
	for name, idle := range map[string]func(p *group.Producer[item]){
		"idle":   func(*group.Producer[item]) {},
		"closed": func(p *group.Producer[item]) { _, _ = p.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			g := newGroup(t, group.Config[item]{
				Workers: workers, Balance: balance.Shared(balance.JBSQ(k)),
				Worker: func(*exec.Local, int) (group.Handler[item], error) {
					return group.HandlerFunc[item](func(_ *exec.Local, batch []item) int { return len(batch) }), nil
				},
			})
			first, second := producer(t, g), producer(t, g)
			for range 50 {
				for range workers * k / 2 {
					require.NoError(t, first.Send(item{}))
					require.NoError(t, g.TrySend(item{}))
				}
				require.ErrorIs(t, second.Send(item{}), group.ErrFull, "what two senders have sent is the limit of all")
				require.ErrorIs(t, g.TrySend(item{}), group.ErrFull)
				idle(first)
				step(g)
				for range workers * k {
					require.NoError(t, second.Send(item{}), "it is handled, though who has sent it says nothing")
				}
				require.ErrorIs(t, g.TrySend(item{}), group.ErrFull)
				step(g)
				if name == "closed" {
					first = producer(t, g)
				}
			}
		})
	}
}

// While a key has items under way they are all at one worker, whoever has sent them.
func TestSharedBalancerKeepsKeysTogether(t *testing.T) {
	const workers, keys = 3, 8
	type spell struct{ key, n uint64 } // from when a key has its first item under way until it has none
	at, pending, n, moved := map[spell]int{}, map[uint64]int{}, map[uint64]uint64{}, 0
	g := newGroup(t, group.Config[item]{
		Workers: workers, Balance: balance.Shared(balance.StickyInFlight(64, balance.BoundedDepth(3, balance.RoundRobin()))),
		Key:  func(v *item) uint64 { return v.key },
		Exec: exec.Config{Burst: 2},
		Worker: func(_ *exec.Local, id int) (group.Handler[item], error) {
			return group.HandlerFunc[item](func(_ *exec.Local, batch []item) int {
				for _, v := range batch {
					s := spell{v.key, v.seq}
					was, known := at[s]
					if known && was != id {
						t.Errorf("items of key %d were at workers %d and %d at the same time", v.key, was, id)
					}
					at[s] = id
					pending[v.key]--
				}
				return len(batch)
			}), nil
		},
	})
	ps := []*group.Producer[item]{producer(t, g), producer(t, g)}
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 20_000 {
		if i%100 == 0 {
			step(g) // all keys may move
		}
		if rng.IntN(2) == 0 {
			g.Exec(rng.IntN(workers)).Step()
			continue
		}
		k := rng.Uint64N(keys)
		if pending[k] == 0 {
			n[k]++
		}
		v, send := item{k, n[k]}, g.TrySend
		if from := rng.IntN(3); from < len(ps) {
			send = ps[from].Send
		}
		if err := send(v); err != nil {
			require.ErrorIs(t, err, group.ErrFull)
			continue
		}
		pending[k]++
	}
	step(g)
	for s, id := range at {
		if was, ok := at[spell{s.key, s.n - 1}]; ok && was != id {
			moved++
		}
	}
	require.Greater(t, moved, 50, "keys did move when they could")
}
