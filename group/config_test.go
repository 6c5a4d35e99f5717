package group_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

func TestConfigErrorsNameTheValue(t *testing.T) {
	var noContext context.Context
	w := func(*exec.Local, int) (group.Handler[int], error) { return nil, nil }
	late := func(*exec.Local, int, []int) {}
	for want, cfg := range map[string]group.Config[int]{
		"Config.Worker is nil":                    {},
		"Config.Workers is -1":                    {Worker: w, Workers: -1},
		"Config.Depth is -5":                      {Worker: w, Depth: -5},
		"Config.MaxProducers is 100000":           {Worker: w, MaxProducers: 100_000},
		"Config.CPUs lists 1 cpus (0) for 2":      {Worker: w, Workers: 2, CPUs: []int{0}},
		"may reorder the items of a key":          {Worker: w, Key: func(*int) uint64 { return 0 }},
		"Block(nil)":                              {Worker: w, OnFull: group.Block(noContext)},
		"Spill(0)":                                {Worker: w, OnFull: group.Spill(0)},
		"CallerRuns, but the items are not":       {Worker: w, OnFull: group.CallerRuns()},
		"limit":                                   {Worker: w, Balance: balance.BoundedDepth(0, balance.RoundRobin())},
		"Config.MaxWait is -1ns: it must be ":     {Worker: w, MaxWait: -1, OnExpired: late},
		"Config.MaxWait is 1ms, but OnExpired":    {Worker: w, MaxWait: time.Millisecond},
		"Config.OnExpired is set, but MaxWait is": {Worker: w, OnExpired: late},
		"Config.Burst is -1: it must be from 1 ":  {Worker: w, Exec: exec.Config{Burst: -1}},
	} {
		_, err := group.New(cfg)
		require.ErrorContains(t, err, want)
	}
	g := newGroup(t, group.Config[int]{Worker: w})
	require.ErrorContains(t, g.Start(), "returned no handler for worker 0")
	boom := errors.New("boom")
	h := newGroup(t, group.Config[int]{Workers: 2, Worker: func(_ *exec.Local, id int) (group.Handler[int], error) {
		if id == 1 {
			return nil, boom
		}
		return group.HandlerFunc[int](func(_ *exec.Local, b []int) int { return len(b) }), nil
	}})
	p := producer(t, h)
	require.NoError(t, p.Send(1))
	require.NoError(t, p.Send(2))
	require.ErrorIs(t, h.Start(), boom)
	require.ErrorIs(t, p.Send(3), group.ErrClosed)
	s := h.Stats()
	require.EqualValues(t, 2, int(s.Executed)+len(drain(t, h)))
}

func TestProducerLimitAndPlacesGivenBack(t *testing.T) {
	var c collector[int]
	g := startGroup(t, group.Config[int]{Worker: c.worker(1), MaxProducers: 2})
	p, _ := producer(t, g), producer(t, g)
	_, err := g.Producer()
	require.ErrorIs(t, err, group.ErrTooMany)
	require.ErrorContains(t, err, "all 2 Producers are taken")
	for range 100 {
		require.NoError(t, p.Send(1))
		_, err = p.Close()
		require.NoError(t, err)
		for p, err = g.Producer(); err != nil; p, err = g.Producer() {
			require.ErrorIs(t, err, group.ErrTooMany, "what it sent was not taken yet")
			runtime.Gosched()
		}
	}
	drain(t, g)
	require.EqualValues(t, 100, balanced(t, g).Executed)
	_, err = g.Producer()
	require.ErrorIs(t, err, group.ErrClosed)
}
