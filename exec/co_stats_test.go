package exec_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// What each thing that a coroutine does adds to Stats, exactly.
func TestStatsOfCoroutines(t *testing.T) {
	for name, tc := range map[string]struct {
		run  func(l *exec.Local)
		want exec.Stats // beyond those of an empty task
	}{
		"one that returns at once": {
			func(l *exec.Local) { spawn(l, func(*exec.Co) error { return nil }) },
			exec.Stats{Spawned: 1, Tasks: 1, Resumes: 1},
		},
		"one that yields three times": {
			func(l *exec.Local) {
				spawn(l, func(co *exec.Co) error { _, _, _ = co.Yield(), co.Yield(), co.Yield(); return nil })
			},
			exec.Stats{Spawned: 1, Tasks: 1, Resumes: 4},
		},
		"one that waits for what is there": {
			func(l *exec.Local) {
				p := exec.NewPromise[int](l)
				p.Complete(1)
				spawn(l, func(co *exec.Co) error { return second(p.Future().Await(co)) })
			},
			exec.Stats{Spawned: 1, Tasks: 1, Resumes: 1},
		},
		"one that panics": {
			func(l *exec.Local) { spawn(l, func(*exec.Co) error { panic(1) }) },
			exec.Stats{Spawned: 1, Tasks: 1, TasksFailed: 1, Resumes: 1, Panics: 1},
		},
		"one that exits": {
			func(l *exec.Local) { spawn(l, func(*exec.Co) error { runtime.Goexit(); return nil }) },
			exec.Stats{Spawned: 1, Tasks: 1, TasksFailed: 1, Resumes: 1, Panics: 1},
		},
		"one that lives": {
			func(l *exec.Local) { spawn(l, forever) },
			exec.Stats{Spawned: 1, Tasks: 1, Resumes: 1, Coroutines: 1},
		},
		"one that is aborted before it begins, twice": {
			func(l *exec.Local) { j := spawn(l, forever); j.Abort(); j.Abort() },
			exec.Stats{Spawned: 1, Returned: 1, Cancelled: 1, Resumes: 1},
		},
		"one that sleeps": {
			func(l *exec.Local) { spawn(l, func(co *exec.Co) error { return co.Sleep(1) }) },
			exec.Stats{Spawned: 1, Tasks: 1, Resumes: 2},
		},
		"one that its own limit ends": {
			func(l *exec.Local) {
				spawn(l, func(co *exec.Co) error { return co.Within(1, co.Park) })
			},
			exec.Stats{Spawned: 1, Tasks: 1, Resumes: 2},
		},
		"a Waker": {
			func(l *exec.Local) { w := exec.NewWaker(l, nop{}); w.Wake(); w.Wake() },
			exec.Stats{Spawned: 1, Tasks: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			x := stepped(t, exec.Config{OnPanic: func(exec.Panic) {}})
			require.True(t, x.TrySend(exec.Func(tc.run)))
			for range 5 {
				settle(x)
				time.Sleep(time.Microsecond)
			}
			s := x.Stats()
			require.Equal(t, tc.want, exec.Stats{
				Spawned: s.Spawned, Tasks: s.Tasks - 1, TasksFailed: s.TasksFailed, Coroutines: s.Coroutines,
				Resumes: s.Resumes, Cancelled: s.Cancelled, Returned: s.Returned, Panics: s.Panics,
			})
			require.Zero(t, s.Depth)
		})
	}
}

// However a body of Within ends, its timer is gone.
func TestWithinLeavesNoTimer(t *testing.T) {
	for name, f := range map[string]func() error{
		"returns": func() error { return nil },
		"panics":  func() error { panic("in it") },
		"exits":   func() error { runtime.Goexit(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			x := stepped(t, exec.Config{OnPanic: func(exec.Panic) {}})
			inOneStep(t, x, func(l *exec.Local) {
				spawn(l, func(co *exec.Co) error {
					return co.Within(time.Hour, func() error { return co.Within(time.Minute, f) })
				})
			})
			settle(x)
			_, next := x.Step()
			require.Equal(t, exec.Never, next)
		})
	}
}

// Wakers that are woken over and over, more than one turn deals with, keep nothing else
// waiting.
func TestManyWakersStarveNobody(t *testing.T) {
	x := stepped(t, exec.Config{})
	const n = 1000
	ran := [n]int{}
	inOneStep(t, x, func(l *exec.Local) {
		for i := range n {
			var w *exec.Waker
			w = exec.NewWaker(l, exec.Func(func(*exec.Local) { ran[i]++; w.Wake() }))
			w.Wake()
		}
	})
	others := 0
	for turn := range 40 {
		require.True(t, x.TrySend(exec.Func(func(*exec.Local) { others++ })))
		x.Step()
		require.Equal(t, turn+1, others)
	}
	for i := range ran {
		require.InDelta(t, 40*256/n, ran[i], 1, "Waker %d has its share", i)
	}
}
