package exec

import (
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/require"
)

// Timers that move down the wheel share the turn as those that fire do: a turn moves
// a bounded number, goes on with the rest, and loses none.
func TestCascadesShareTheTurn(t *testing.T) {
	x, now, do := stepWith(t, Config{})
	const n = 5*timerMoves + 1
	fired := 0
	do(func(l *Local) {
		for range n {
			l.After(1<<40, countedTask{&fired})
		}
	})
	*now = 1 << 40
	turns := 0
	for ; fired == 0; turns++ {
		before := x.loop.highest(t)
		worked, next := x.Step()
		require.True(t, worked)
		require.Zero(t, next)
		require.LessOrEqual(t, before-x.loop.highest(t), timerMoves)
	}
	require.Equal(t, 6, turns)
	for worked := true; worked; {
		worked, _ = x.Step()
	}
	require.Equal(t, n, fired)
}

// highest returns how many nodes are at the highest level that is in use.
func (l *Local) highest(t *testing.T) (n int) {
	q := &l.timers
	for at := len(q.slots) - 1; at >= 0; at-- {
		for node := q.slots[at].head; node != nil; node = node.next {
			n++
		}
		if n > 0 {
			return n
		}
	}
	t.Fatal("the wheel is empty")
	return 0
}

// An empty wheel starts at the time of what is armed first: a short timer is not
// far up for no reason.
func TestTimersBeginNow(t *testing.T) {
	x, now, do := stepWith(t, Config{})
	for *now = 1 << 50; *now < 1<<50+10<<30; *now += 1 << 30 {
		do(func(l *Local) {
			tm, _ := l.After(5, countedTask{new(int)})
			require.EqualValues(t, 1, l.timers.levels)
			tm.Stop()
			w := newWait()
			l.arm(&w.timerNode, *now+5)
			require.EqualValues(t, 1, l.timers.levels)
			l.disarm(&w.timerNode)
		})
	}
	require.Zero(t, x.loop.timers.n)
}

// Neither a node that is free nor one that has left keeps anything alive.
func TestTimersKeepNothingAlive(t *testing.T) {
	_, now, do := stepWith(t, Config{})
	var gone []weak.Pointer[wait]
	do(func(l *Local) {
		stays, _ := l.After(1<<40, countedTask{new(int)})
		for i := range 10 {
			w := newWait()
			w.then = func(*Local) {}
			gone = append(gone, weak.Make(w))
			tm, _ := l.After(time.Duration(1+i%2), Func(func(l *Local) { w.then(l) }))
			l.arm(&w.timerNode, 1)
			if i%2 == 0 {
				tm.Stop()
				l.disarm(&w.timerNode)
			}
		}
		require.True(t, stays.Armed())
	})
	do(func(*Local) { *now = 10 })
	do(func(*Local) {}) // the inbox forgets its last task
	runtime.GC()
	for i, p := range gone {
		require.Nil(t, p.Value(), "%d", i)
	}
}
