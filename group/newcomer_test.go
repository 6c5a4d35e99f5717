package group_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// Who comes while a worker goes, or after one has ended, sends to the others.

func TestSendersComeWhileWorkersGo(t *testing.T) {
	var c collector[int]
	g := startGroup(t, group.Config[int]{Workers: 2, MaxWorkers: 3, Worker: c.worker(3)})
	x := loopOutside(t)
	var stop atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		for !stop.Load() {
			id, err := g.Add(within(20 * time.Second))
			if err == nil {
				err = g.Remove(within(20*time.Second), id)
			}
			if err != nil {
				t.Error(err)
				return
			}
		}
	})
	for begin := time.Now(); time.Since(begin) < 300*time.Millisecond; {
		p, err := g.Producer()
		if err != nil {
			t.Error(err)
			break
		}
		_, err = p.Close()
		require.NoError(t, err)
	}
	_, err := exec.Call(context.Background(), x, func(l *exec.Local) (*group.Forwarder[int], error) { return g.Forwarder(l) })
	require.NoError(t, err)
	stop.Store(true)
	wg.Wait()
}

func TestSendersComeWhenAWorkerHasEnded(t *testing.T) {
	var c collector[int]
	g := fragile(t, group.Config[int]{Workers: 2, Worker: c.worker(2)})
	x := loopOutside(t)
	endWorker(t, g, 0)
	p, err := g.Producer()
	require.NoError(t, err)
	require.ErrorIs(t, p.SendTo(0, 1), group.ErrClosed)
	require.NoError(t, p.SendTo(1, 2))
	_, err = exec.Call(context.Background(), x, func(l *exec.Local) (int, error) {
		f, err := g.Forwarder(l)
		if err == nil {
			err = f.SendTo(1, 3)
		}
		return 0, err
	})
	require.NoError(t, err)
	eventually(t, func() bool { return g.Stats().Executed == 2 })
	require.ElementsMatch(t, []int{2, 3}, c.got[1])
}

// loopOutside starts an Exec of no group.
func loopOutside(t *testing.T) *exec.Exec {
	x, err := exec.New(exec.Config{})
	require.NoError(t, err)
	require.NoError(t, x.Start())
	t.Cleanup(func() {
		x.Stop()
		_ = x.Wait()
	})
	return x
}
