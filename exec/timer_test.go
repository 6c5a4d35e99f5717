package exec_test

import (
	"math"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// faked returns an Exec to be stepped, and its clock.
func faked(t testing.TB, cfg exec.Config) (*exec.Exec, *time.Duration) {
	now := new(time.Duration)
	cfg.Clock = func() time.Duration { return *now }
	return stepped(t, cfg), now
}

// On the real clock no timer is early, however long the turns around it are.
func TestTimersAreNeverEarly(t *testing.T) {
	for name, spin := range allSpins {
		t.Run(name, func(t *testing.T) {
			x := begin(t, exec.Config{Spin: spin})
			var early, fired atomic.Int64
			armed := 0
			arm := func(l *exec.Local, d time.Duration) {
				start := l.Now()
				_, ok := l.After(d, exec.Func(func(l *exec.Local) {
					if l.Now()-start < d {
						early.Add(1)
					}
					fired.Add(1)
				}))
				require.True(t, ok)
				armed++
			}
			onLoop(t, x, func(l *exec.Local) {
				for range 200 {
					arm(l, rand.N(30*time.Millisecond))
					arm(l, rand.N(100*time.Microsecond))
				}
				arm(l, 0)
				arm(l, -time.Hour)
			})
			for range 5 {
				onLoop(t, x, func(l *exec.Local) {
					arm(l, 2*time.Millisecond)
					for begin := time.Now(); time.Since(begin) < 3*time.Millisecond; {
					}
					arm(l, 2*time.Millisecond)
					l.Spawn(exec.Func(func(*exec.Local) { time.Sleep(time.Millisecond) }))
				})
			}
			eventually(t, "all fired", func() bool { return fired.Load() == int64(armed) })
			require.Zero(t, early.Load())
			eventually(t, "they are counted", func() bool { return x.Stats().Timers == uint64(armed) })
		})
	}
}

// The longest durations are longer than the clock lives; they must not come out
// as the shortest.
func TestVeryLongTimers(t *testing.T) {
	x, now := faked(t, exec.Config{})
	*now = time.Hour
	fired := 0
	inOneStep(t, x, func(l *exec.Local) {
		for _, d := range []time.Duration{math.MaxInt64, math.MaxInt64 - 1, math.MaxInt64 - time.Hour, 1 << 62} {
			l.After(d, exec.Func(func(*exec.Local) { fired++ }))
		}
	})
	settle(x)
	require.Zero(t, fired)
	_, next := x.Step()
	require.Greater(t, next, time.Duration(1<<61))

	// Nor may they keep a thread from sleeping.
	y := begin(t, exec.Config{Spin: -1})
	parks := uint64(0)
	onLoop(t, y, func(l *exec.Local) {
		parks = y.Stats().Parks
		l.After(math.MaxInt64, nop{})
		l.After(100*365*24*time.Hour, nop{})
	})
	eventually(t, "it parked", func() bool { return y.Stats().Parks > parks })
	turns := y.Stats().Turns
	time.Sleep(100 * time.Millisecond)
	require.Less(t, y.Stats().Turns-turns, uint64(100), "it goes round and round")
	require.Len(t, drain(t, y), 2)
}

func TestTimersFireInOrder(t *testing.T) {
	x, now := faked(t, exec.Config{})
	var got, want []int
	inOneStep(t, x, func(l *exec.Local) {
		for i := range 100 {
			d := time.Duration(1 + i%3) // equal deadlines: in the order of arming
			l.After(d, exec.Func(func(*exec.Local) { got = append(got, i) }))
		}
	})
	for d := range 3 {
		for i := d; i < 100; i += 3 {
			want = append(want, i)
		}
	}
	require.Empty(t, got)
	*now = 3
	settle(x)
	require.Equal(t, want, got)
}

func TestStopATimer(t *testing.T) {
	x, now := faked(t, exec.Config{})
	fired := map[string]int{}
	count := func(s string) exec.Task { return exec.Func(func(*exec.Local) { fired[s]++ }) }
	var a, b, own exec.Timer
	inOneStep(t, x, func(l *exec.Local) {
		a, _ = l.After(10, count("a"))
		b, _ = l.After(10, count("b"))
		own, _ = l.After(10, exec.Func(func(*exec.Local) {
			fired["own"]++
			require.False(t, own.Stop(), "it has fired")
		}))
		require.True(t, a.Stop())
		require.False(t, a.Stop(), "twice")
		require.False(t, exec.Timer{}.Stop())
	})
	*now = 10
	settle(x)
	require.Equal(t, map[string]int{"b": 1, "own": 1}, fired)
	inOneStep(t, x, func(l *exec.Local) {
		require.False(t, b.Stop(), "it has fired")
		// The next timers use what the old ones have left behind.
		var again []exec.Timer
		for range 3 {
			tm, _ := l.After(10, count("again"))
			again = append(again, tm)
		}
		for _, old := range []exec.Timer{a, b, own} {
			require.False(t, old.Stop(), "an old Timer stops a new one")
		}
		require.True(t, again[1].Stop())
	})
	*now = 20
	settle(x)
	require.Equal(t, 2, fired["again"])
	s := x.Stats()
	require.EqualValues(t, 2, s.Returned, "to those who stopped them")
	settled(t, 2+6, s)
}

// A timer's task can stop another that is due in the same turn.
func TestTimerStopsAnother(t *testing.T) {
	x, now := faked(t, exec.Config{})
	fired := 0
	inOneStep(t, x, func(l *exec.Local) {
		var others []exec.Timer
		l.After(1, exec.Func(func(*exec.Local) {
			for i, tm := range others {
				require.Equal(t, i%2 == 0, i%2 == 0 && tm.Stop())
			}
		}))
		for range 50 {
			tm, _ := l.After(1, exec.Func(func(*exec.Local) { fired++ }))
			others = append(others, tm)
		}
	})
	*now = 1
	settle(x)
	require.Equal(t, 25, fired)
}

func TestTimersAreBounded(t *testing.T) {
	x, now := faked(t, exec.Config{MaxTimers: 3})
	inOneStep(t, x, func(l *exec.Local) {
		var last exec.Timer
		for range 3 {
			tm, ok := l.After(10, nop{})
			require.True(t, ok)
			last = tm
		}
		tm, ok := l.After(10, nop{})
		require.False(t, ok)
		require.False(t, tm.Stop())
		require.True(t, last.Stop())
		_, ok = l.After(10, nop{})
		require.True(t, ok, "Stop gives the place back")
	})
	require.EqualValues(t, 1, x.Stats().Rejects)
	*now = 10
	settle(x)
	inOneStep(t, x, func(l *exec.Local) {
		_, ok := l.After(10, nop{})
		require.True(t, ok, "firing gives the place back")
	})
}

// A turn fires a bounded number of timers, and none that was armed meanwhile.
func TestTimersShareTheTurn(t *testing.T) {
	x, now := faked(t, exec.Config{})
	fired, again := 0, 0
	var self exec.Func
	self = func(l *exec.Local) { again++; l.After(0, self) }
	inOneStep(t, x, func(l *exec.Local) {
		for range 1000 {
			l.After(1, exec.Func(func(*exec.Local) { fired++ }))
		}
	})
	*now = 1
	x.Step()
	require.Positive(t, fired)
	require.Less(t, fired, 200)
	settle(x)
	require.Equal(t, 1000, fired)
	inOneStep(t, x, func(l *exec.Local) { l.After(1, self) })
	*now = 2
	for i := range 10 {
		x.Step()
		require.Equal(t, 1+i, again, "a timer that re-arms itself fires once a turn")
	}
}

func TestDrainReturnsTimersInOrder(t *testing.T) {
	x, _ := faked(t, exec.Config{})
	inOneStep(t, x, func(l *exec.Local) {
		for i := range 300 {
			l.After(time.Duration(i%7)*time.Hour+1, exec.Task(&reposter{i}))
		}
	})
	undone := drain(t, x)
	require.Len(t, undone, 300)
	for k, task := range undone[1:] {
		a, b := undone[k].(*reposter).left, task.(*reposter).left
		require.True(t, a%7 < b%7 || a%7 == b%7 && a < b, "timer %d before timer %d", a, b)
	}
}
