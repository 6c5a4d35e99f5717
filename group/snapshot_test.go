package group_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// A snapshot says exactly who was sent what, what was refused, and what balancers have decided.
func TestSnapshot(t *testing.T) {
	g, err := group.New(group.Config[int]{
		Name: "g", Workers: 2, MaxWorkers: 3, Depth: 4,
		Balance: balance.Fallback(balance.BoundedDepth(2, balance.KeyHash()), balance.BoundedDepth(4, balance.RoundRobin())),
		Worker: func(*exec.Local, int) (group.Handler[int], error) {
			return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int { return len(batch) }), nil
		},
	})
	require.NoError(t, err)
	p, err := g.Producer()
	require.NoError(t, err)
	refused := 0
	for range 10 { // of one key: two at home, six where there is room
		if err := p.SendKey(7, 1); errors.Is(err, group.ErrFull) {
			refused++
		}
	}
	require.Equal(t, 2, refused)
	s := g.Snapshot()
	require.Equal(t, "g", s.Name)
	require.Equal(t, "Fallback(BoundedDepth(2, KeyHash), BoundedDepth(4, RoundRobin))", s.Balancer)
	require.Len(t, s.Members, 2)
	require.Equal(t, []uint64{4, 4}, []uint64{s.Members[0].Received, s.Members[1].Received})
	require.EqualValues(t, 8, s.Accepted)
	require.Equal(t, 1, s.Producers)
	require.Zero(t, s.Forwarders)
	require.GreaterOrEqual(t, s.BalancerFull, uint64(2))
	require.Equal(t, 1.0, s.Imbalance.Received)
	require.Len(t, s.Decisions, 1)
	require.Equal(t, "second_choice", s.Decisions[0].Name)
	require.GreaterOrEqual(t, s.Decisions[0].Value, uint64(6))
	require.Equal(t, exec.StateMade, s.Members[0].Exec.State)

	require.NoError(t, g.Start())
	require.Eventually(t, func() bool { return g.Stats().Executed == 8 }, 10*time.Second, time.Millisecond)
	require.NoError(t, g.Pause(t.Context(), 1))
	_, err = p.Close()
	require.NoError(t, err)
	after := g.Snapshot()
	require.False(t, after.Members[1].Open)
	require.Equal(t, s.Decisions, after.Decisions, "what a balancer has counted outlives its producer")
	require.Zero(t, after.Producers)
	require.Equal(t, exec.StateRunning, after.Members[0].Exec.State)
	require.EqualValues(t, 8, after.Members[0].Received+after.Members[1].Received)
	_, err = g.Drain(t.Context())
	require.NoError(t, err)
}

// Imbalance is the most by the mean, over workers that are open.
func TestImbalance(t *testing.T) {
	require.Zero(t, group.MaxByMean(nil))
	require.Zero(t, group.MaxByMean([]float64{0, 0}))
	require.Equal(t, 1.0, group.MaxByMean([]float64{3, 3, 3}))
	require.Equal(t, 4.0, group.MaxByMean([]float64{0, 8, 0, 0}))
	ms := []group.Member{{Open: true, Received: 30}, {Open: true, Received: 10}, {Received: 1000}}
	ms[0].Exec.Busy = time.Second
	require.Equal(t, group.Imbalance{Received: 1.5, Busy: 2}, group.ImbalanceOf(ms))
}

// What is forwarded, and what that may be, shows too.
func TestSnapshotOfForwards(t *testing.T) {
	free := make(chan struct{})
	var g *group.Group[int]
	g, err := group.New(group.Config[int]{
		Name: "g", Workers: 2, MaxForwards: 64,
		Worker: func(l *exec.Local, id int) (group.Handler[int], error) {
			f, err := g.Forwarder(l)
			if err != nil {
				return nil, err
			}
			return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
				for _, v := range batch {
					if v == 0 {
						if err := f.SendTo(1-id, 1); err != nil {
							panic(err)
						}
					} else {
						<-free
					}
				}
				return len(batch)
			}), nil
		},
	})
	require.NoError(t, err)
	require.NoError(t, g.Start())
	p, err := g.Producer()
	require.NoError(t, err)
	require.NoError(t, p.SendTo(0, 0))
	require.Eventually(t, func() bool {
		s := g.Snapshot()
		return s.Forwards > 0 && s.MaxForwards == 64 && s.Forwarders == 2 && s.Members[1].Received == 1
	}, 10*time.Second, time.Millisecond)
	close(free)
	_, err = g.Drain(t.Context())
	require.NoError(t, err)
	require.Zero(t, g.Snapshot().Forwards)
}
