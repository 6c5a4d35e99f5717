package group_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// waiters is a group of two workers that are stepped, on a clock of the test's. Worker 0
// forwards what is not negative to worker 1, made negative.
type waiters struct {
	g                *group.Group[int]
	now              time.Duration
	handled, expired [2][]int // by worker
}

const limit = 10 * time.Millisecond

func newWaiters(t *testing.T, credits int) *waiters {
	w := &waiters{}
	w.g = newGroup(t, group.Config[int]{
		Workers: 2, Depth: 8, MaxForwards: credits,
		Exec: exec.Config{Clock: func() time.Duration { return w.now }},
		Worker: func(l *exec.Local, id int) (group.Handler[int], error) {
			f, err := w.g.Forwarder(l)
			return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
				w.handled[id] = append(w.handled[id], batch...)
				for _, v := range batch {
					if id == 0 && v >= 0 {
						require.NoError(t, f.SendTo(1, -v))
					}
				}
				return len(batch)
			}), err
		},
		MaxWait: limit,
		OnExpired: func(l *exec.Local, id int, batch []int) {
			require.Equal(t, w.g.Exec(id), l.Exec())
			w.expired[id] = append(w.expired[id], batch...)
		},
	})
	t.Cleanup(w.g.Stop)
	return w
}

// NEW items that have waited for too long go to OnExpired, whichever way they came.
// FORWARD items do not expire.
func TestNewWorkExpires(t *testing.T) {
	w := newWaiters(t, 8)
	p := producer(t, w.g)
	require.NoError(t, p.SendTo(0, 1))
	require.NoError(t, w.g.TrySend(2)) // with a RoundRobin of its own: to worker 0
	require.NoError(t, p.StageTo(0, 3))
	require.NoError(t, p.StageTo(1, 4))
	w.now = limit / 2
	_, err := p.Flush()
	require.NoError(t, err)
	rest, err := p.SendBatch([]int{5, 6}) // one for each
	require.NoError(t, err)
	require.Empty(t, rest)
	w.now = limit + 1
	w.g.Exec(0).Step()
	require.ElementsMatch(t, []int{1, 2}, w.expired[0])
	require.Len(t, w.handled[0], 2)
	require.Contains(t, w.handled[0], 3)
	w.now = time.Hour
	w.g.Exec(1).Step()
	require.Len(t, w.expired[1], 2)
	require.Contains(t, w.expired[1], 4)
	require.Len(t, w.handled[1], 2, "FORWARD work does not expire")
	require.Equal(t, 8, group.CreditsLeft(w.g))
	require.Empty(t, drain(t, w.g))
	s := balanced(t, w.g)
	require.EqualValues(t, []uint64{6, 2, 4, 4}, []uint64{s.Accepted, s.Forwarded, s.Executed, s.Expired})
}

// NEW items that wait for credits expire without any, and the credits of others are not
// touched.
func TestExpiredItemsNeedNoCredits(t *testing.T) {
	w := newWaiters(t, 2)
	p := producer(t, w.g)
	for i := range 5 {
		require.NoError(t, p.SendTo(0, i))
	}
	w.g.Exec(0).Step()
	w.g.Exec(0).Step()
	require.Equal(t, []int{0, 1}, w.handled[0], "the others wait for credits")
	require.Zero(t, group.CreditsLeft(w.g))
	w.now = limit + 1
	w.g.Exec(0).Step()
	require.Equal(t, []int{2, 3, 4}, w.expired[0])
	require.Zero(t, group.CreditsLeft(w.g))
	w.g.Exec(1).Step()
	require.Equal(t, 2, group.CreditsLeft(w.g))
	require.NoError(t, p.SendTo(0, 5))
	w.g.Exec(0).Step()
	require.Equal(t, []int{0, 1, 5}, w.handled[0])
	w.g.Exec(1).Step()
	require.Equal(t, 2, group.CreditsLeft(w.g))
	require.NoError(t, p.SendTo(1, 6)) // comes back from Drain, however long it waits
	w.now = time.Hour
	require.Equal(t, []int{6}, drain(t, w.g))
	s := balanced(t, w.g)
	require.EqualValues(t, []uint64{7, 3, 6, 3, 1}, []uint64{s.Accepted, s.Forwarded, s.Executed, s.Expired, s.Returned})
}

// A group that is too slow for its producers, and is drained in the middle of it, accounts
// for every item.
func TestExpiryUnderLoad(t *testing.T) {
	const wait = 200 * time.Microsecond
	var handled, expired, early atomic.Int64
	begin := time.Now()
	g := startGroup(t, group.Config[time.Duration]{ // an item is when it was sent
		Workers: 2, Depth: 16, MaxWait: wait,
		Worker: func(*exec.Local, int) (group.Handler[time.Duration], error) {
			return group.HandlerFunc[time.Duration](func(_ *exec.Local, batch []time.Duration) int {
				for now := time.Now(); time.Since(now) < wait; {
				}
				handled.Add(1)
				return 1
			}), nil
		},
		OnExpired: func(_ *exec.Local, _ int, batch []time.Duration) {
			for _, at := range batch {
				if time.Since(begin)-at <= wait {
					early.Add(1)
				}
			}
			expired.Add(int64(len(batch)))
		},
	})
	var accepted atomic.Int64
	var wg sync.WaitGroup
	for i := range 3 {
		p := producer(t, g)
		wg.Go(func() {
			var err error
			for k := 0; ; k++ {
				now := time.Since(begin)
				switch k % 3 {
				case 0:
					err = p.Send(now)
				case 1:
					if err = p.Stage(now); err == nil {
						var rest []time.Duration
						rest, err = p.Flush()
						if len(rest) > 0 {
							return
						}
					}
				case 2:
					err = g.TrySend(now)
				}
				switch {
				case err == nil:
					accepted.Add(1)
				case errors.Is(err, group.ErrClosed):
					return
				case errors.Is(err, group.ErrFull):
					time.Sleep(time.Duration(i) * wait)
				default:
					t.Error(err)
					return
				}
			}
		})
	}
	eventually(t, func() bool { return handled.Load() > 50 && expired.Load() > 50 })
	require.Empty(t, drain(t, g))
	wg.Wait()
	require.Zero(t, early.Load())
	s := balanced(t, g)
	require.Equal(t, []int64{accepted.Load(), handled.Load(), expired.Load()}, []int64{int64(s.Accepted), int64(s.Executed), int64(s.Expired)})
}
