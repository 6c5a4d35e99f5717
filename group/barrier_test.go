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

// A change behind a barrier that the workers do not reach in time has not been made, and all goes on as before.
func TestABarrierThatIsNotReachedIsTakenBack(t *testing.T) {
	g, got, letGo := stuck(t, group.Config[int]{Depth: 64, Balance: balance.KeyHash(), Key: func(v *int) uint64 { return uint64(*v) }})
	p := producer(t, g)
	for i := range 10 {
		require.NoError(t, p.SendTo(0, i))
	}
	require.NoError(t, p.StageTo(0, 10))
	short := within(5 * time.Millisecond)
	_, err := g.Add(short)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, g.Pause(within(time.Millisecond), 1), context.DeadlineExceeded)
	require.ErrorIs(t, g.Replace(within(time.Millisecond), 1), context.DeadlineExceeded, "it is not worker 1 that others wait for")
	require.ErrorIs(t, g.Remove(within(time.Millisecond), 1), context.DeadlineExceeded)
	require.ErrorIs(t, g.Reassign(within(time.Millisecond), func() { t.Error("it was run") }), context.DeadlineExceeded)
	require.Equal(t, []int{0, 1}, g.IDs())
	require.ErrorIs(t, p.SendTo(1, 50), group.ErrFull, "what was staged goes first")
	q := producer(t, g)
	require.NoError(t, q.SendTo(1, 50))
	require.ErrorIs(t, p.SendTo(0, 50), group.ErrFull, "a new lane might overtake the old one")
	letGo()
	eventually(t, func() bool { return p.SendTo(0, 11) == nil })
	_, err = p.Flush()
	require.NoError(t, err)
	require.Empty(t, drain(t, g))
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, got[0])
	require.Equal(t, []int{50}, got[1])
	balanced(t, g)
}

// While a change is made, who has to wait for it sleeps, and keeps nobody else awake.
func TestWhoWaitsForAChangeSleeps(t *testing.T) {
	entered, letGo := make(chan struct{}, 1), make(chan struct{})
	open := sync.OnceFunc(func() { close(letGo) })
	var turns turnCount
	g := newGroup(t, group.Config[int]{
		Workers: 3, MaxWorkers: 4, Balance: balance.KeyHash(), Key: func(v *int) uint64 { return uint64(*v) },
		Worker: func(l *exec.Local, _ int) (group.Handler[int], error) {
			l.AddSource(&turns)
			return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int { return len(batch) }), nil
		},
		Release: func(_ *exec.Local, id int, _ func(uint64) bool) []group.Parcel {
			if id == 0 { // nobody may send any more, and the others are done
				entered <- struct{}{}
				<-letGo
			}
			return nil
		},
		Adopt: func(*exec.Local, int, []group.Parcel) error { return nil },
	})
	require.NoError(t, g.Start())
	t.Cleanup(func() {
		open()
		g.Stop()
		_ = g.Wait()
	})
	for id := range 3 {
		inWorker(t, g, id, func(l *exec.Local) {
			_, err := g.Forwarder(l)
			require.NoError(t, err)
		})
	}
	added := make(chan error, 1)
	go func() {
		_, err := g.Add(within(30 * time.Second))
		added <- err
	}()
	<-entered
	time.Sleep(20 * time.Millisecond) // they have seen it by then
	before := turns.Load()
	time.Sleep(50 * time.Millisecond)
	require.Less(t, turns.Load()-before, int64(1000))
	open()
	require.NoError(t, <-added)
}

// turnCount counts the turns of all loops that it is a source of. Stats show those that did something.
type turnCount struct{ atomic.Int64 }

func (c *turnCount) Poll(*exec.Local, int) int {
	c.Add(1)
	return 0
}

func (c *turnCount) Next() (time.Duration, bool) { return 0, false }
