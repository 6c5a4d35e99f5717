package group_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// The order of a key is that of before, whatever the change, and whoever sends.
func TestReplaceKeepsOrder(t *testing.T) {
	var mu sync.Mutex
	var got []int
	made := 0
	g := startGroup(t, group.Config[int]{Workers: 1, Depth: 8, OnFull: group.Block(context.Background()), Worker: func(*exec.Local, int) (group.Handler[int], error) {
		mu.Lock()
		defer mu.Unlock()
		made++
		return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
			mu.Lock()
			defer mu.Unlock()
			got = append(got, batch[0])
			return 1
		}), nil
	}})
	const items, replaced = 3000, 10
	ended := make(chan error, 1)
	go func() {
		p, err := g.Producer()
		for i := 0; i < items && err == nil; i++ {
			err = p.Send(i)
		}
		ended <- err
	}()
	for range replaced {
		require.NoError(t, g.Replace(within(20*time.Second), 0))
	}
	require.NoError(t, <-ended)
	require.Empty(t, drain(t, g))
	require.Len(t, got, items)
	for i, v := range got {
		require.Equal(t, i, v)
	}
	require.Equal(t, 1+replaced, made)
	require.EqualValues(t, replaced, balanced(t, g).Changes.Replaced)
}

// A worker that a panic has ended can be replaced, and the new one does what it has left. Items of the failed batch
// have failed.
func TestReplaceAWorkerThatHasEnded(t *testing.T) {
	for name, bal := range map[string]balance.Policy{"RoundRobin": balance.RoundRobin(), "KeyHash": balance.KeyHash()} {
		t.Run(name, func(t *testing.T) {
			var died atomic.Bool
			var got []int
			entered, release := make(chan struct{}), make(chan struct{})
			g := fragile(t, group.Config[int]{Workers: 2, Balance: bal, Worker: func(_ *exec.Local, id int) (group.Handler[int], error) {
				return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
					if id == 0 && died.CompareAndSwap(false, true) {
						close(entered)
						<-release
						panic(errGone)
					}
					if id == 0 {
						got = append(got, batch...)
					}
					return len(batch)
				}), nil
			}})
			p := producer(t, g)
			require.NoError(t, p.SendTo(0, 1))
			<-entered
			for i := range 5 {
				require.NoError(t, p.SendTo(0, 10+i))
			}
			close(release)
			eventually(t, g.Exec(0).Ended)
			require.NoError(t, g.Replace(within(20*time.Second), 0))
			eventually(t, func() bool { return p.SendTo(0, 20) == nil })
			require.Empty(t, drain(t, g))
			require.Equal(t, []int{10, 11, 12, 13, 14, 20}, got)
			s := balanced(t, g)
			require.EqualValues(t, 1, s.Failed)
			require.EqualValues(t, 5, s.Changes.HandedOver)
		})
	}
}
