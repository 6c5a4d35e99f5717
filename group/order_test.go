package group_test

import (
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// What was handed over is handled before anything newer, also when its new worker is slow, and newer items come by
// another lane.
func TestNothingOvertakesWhatWasHandedOver(t *testing.T) {
	var let atomic.Int64 // how many items worker 1 may handle
	var got []int        // by worker 1
	g := startGroup(t, group.Config[int]{
		Workers: 2, Depth: 32, Balance: balance.KeyHash(), Key: func(*int) uint64 { return 0 },
		Exec: exec.Config{Logger: slog.New(slog.DiscardHandler)},
		Worker: func(_ *exec.Local, id int) (group.Handler[int], error) {
			return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
				if id == 0 || let.Load() == 0 {
					return 0
				}
				let.Add(-1)
				got = append(got, batch[0])
				return 1
			}), nil
		},
	})
	p, q := producer(t, g), producer(t, g)
	for i := range 10 {
		require.NoError(t, p.SendTo(0, i))
	}
	require.NoError(t, g.Remove(within(time.Millisecond), 0))
	for range 10 {
		require.ErrorIs(t, p.Send(10), group.ErrFull)
		require.ErrorIs(t, q.Send(10), group.ErrFull)
		require.ErrorIs(t, g.TrySend(10), group.ErrFull)
		let.Add(1)
		left := let.Load
		eventually(t, func() bool { return left() == 0 })
	}
	eventually(t, func() bool { return p.Send(10) == nil })
	let.Add(100)
	require.Empty(t, drain(t, g))
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, got)
}

// hooked calls a function at each pick, and picks for no batch.
type hooked struct {
	balance.Balancer
	at func()
}

func (h hooked) Pick(key uint64, v *balance.View) int {
	h.at()
	return h.Balancer.Pick(key, v)
}

// A batch in which an item was refused does not go on by another roster: later items of its key would overtake it.
func TestABatchDoesNotGoOnByAnotherRoster(t *testing.T) {
	var c collector[int]
	var change func()
	picks := 0
	g := startGroup(t, group.Config[int]{
		Workers: 2, Depth: 128, Key: func(*int) uint64 { return 0 }, Worker: c.worker(2), Exec: exec.Config{Logger: slog.New(slog.DiscardHandler)},
		Balance: func(v *balance.View) (balance.Balancer, error) {
			bal, err := balance.KeyHash()(v)
			return hooked{bal, func() {
				if picks++; picks == 10 {
					change() // in the middle of the first part of the batch
				}
			}}, err
		},
	})
	bal, err := balance.KeyHash()(balance.NewView(2))
	require.NoError(t, err)
	home := bal.Pick(0, balance.NewView(2))
	change = func() { require.NoError(t, g.Pause(within(20*time.Second), home)) }
	p := producer(t, g)
	vs := make([]int, 100)
	for i := range vs {
		vs[i] = i
	}
	for err = group.ErrFull; err != nil; {
		if vs, err = p.SendBatch(vs); err != nil {
			require.ErrorIs(t, err, group.ErrFull)
		}
	}
	require.Empty(t, drain(t, g))
	require.Greater(t, picks, 100, "the change came")
	require.Empty(t, c.got[home])
	require.Len(t, c.got[1-home], 100)
	for i, v := range c.got[1-home] {
		require.Equal(t, i, v)
	}
}

// A change behind a barrier waits for strangers that have picked by the old roster and not yet sent.
func TestABarrierWaitsForStrangers(t *testing.T) {
	var c collector[int]
	picked, goOn := make(chan struct{}, 1), make(chan struct{})
	var on atomic.Bool
	g := startGroup(t, group.Config[int]{
		Workers: 2, Key: func(*int) uint64 { return 0 }, Worker: c.worker(2), Exec: exec.Config{Logger: slog.New(slog.DiscardHandler)},
		Balance: func(v *balance.View) (balance.Balancer, error) {
			bal, err := balance.KeyHash()(v)
			return hooked{bal, func() {
				if on.Load() {
					picked <- struct{}{}
					<-goOn
				}
			}}, err
		},
	})
	bal, err := balance.KeyHash()(balance.NewView(2))
	require.NoError(t, err)
	home := bal.Pick(0, balance.NewView(2))
	on.Store(true)
	sent, paused := make(chan error, 1), make(chan error, 1)
	go func() { sent <- g.TrySend(1) }()
	<-picked
	on.Store(false)
	go func() { paused <- g.Pause(within(20*time.Second), home) }()
	eventually(t, g.Changing)
	select {
	case err := <-paused:
		t.Errorf("paused (%v) while somebody may still send by the old roster", err)
	case <-time.After(30 * time.Millisecond):
	}
	close(goOn)
	require.NoError(t, <-sent)
	require.NoError(t, <-paused)
	require.Empty(t, drain(t, g))
	require.Equal(t, []int{1}, c.got[home])
}

// To send costs no allocation, with keys of the caller's and when the workers have changed, too.
func TestNoAllocationWhenWorkersHaveChanged(t *testing.T) {
	var b byWorker
	g := startGroup(t, group.Config[int]{Workers: 2, MaxWorkers: 3, Worker: b.worker, Depth: 1 << 14, Balance: balance.KeyHash()})
	p := producer(t, g)
	ctx := within(20 * time.Second)
	_, err := g.Add(ctx)
	require.NoError(t, err)
	require.NoError(t, g.Pause(ctx, 0))
	vs := make([]int, 32)
	for name, f := range map[string]func(){
		"SendKey":   func() { _ = p.SendKey(1, 1) },
		"SendTo":    func() { _ = p.SendTo(0, 1) },
		"SendBatch": func() { _, _ = p.SendBatch(vs) },
		"StageKey":  func() { _ = p.StageKey(1, 1); _ = p.StageTo(2, 1); _, _ = p.Flush() },
	} {
		for range 100 {
			f()
		}
		require.Zero(t, testing.AllocsPerRun(200, f), name)
	}
}
