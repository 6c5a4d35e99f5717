package exec_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// What each end of a job adds to Stats, exactly: a job is accepted work, and the way its
// end comes back to the loop is not.
func TestStatsOfBlocking(t *testing.T) {
	for name, tc := range map[string]struct {
		f      func() (int, error)
		cancel bool
		want   exec.Stats
	}{
		"returns": {func() (int, error) { return 0, nil }, false, exec.Stats{Spawned: 1, Tasks: 1}},
		"fails":   {func() (int, error) { return 0, errPlanted }, false, exec.Stats{Spawned: 1, Tasks: 1}},
		"panics":  {func() (int, error) { panic(1) }, false, exec.Stats{Spawned: 1, Tasks: 1, TasksFailed: 1, Panics: 1}},
		"exits":   {func() (int, error) { runtime.Goexit(); return 0, nil }, false, exec.Stats{Spawned: 1, Tasks: 1, TasksFailed: 1, Panics: 1}},
		"is cancelled": {func() (int, error) { panic("it ran") }, true,
			exec.Stats{Spawned: 1, Returned: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			w, x, release := oneRunning(t, exec.Config{})
			var before exec.Stats
			var j *exec.Job[int]
			inOneStep(t, x, func(l *exec.Local) {
				before = l.Stats()
				var err error
				j, err = exec.GoBlocking(l, tc.f)
				require.NoError(t, err)
				require.Equal(t, before.Blocking+1, l.Stats().Blocking)
				if tc.cancel {
					require.True(t, j.Cancel())
				}
			})
			release()
			w.until("all is over", func() bool { return j.Finished() && x.Stats().Blocking == 0 })
			s := x.Stats()
			require.Equal(t, tc.want, exec.Stats{
				Spawned: s.Spawned - before.Spawned, Tasks: s.Tasks - before.Tasks - 1, // the one that held it up
				TasksFailed: s.TasksFailed, Returned: s.Returned, Panics: s.Panics, JobsUndone: s.JobsUndone,
			})
			settled(t, 4, s)
		})
	}
}

// An OnPanic that panics when it is told of a job: that is no failed task, and the jobs
// that have ended with it are completed.
func TestBlockingWhenOnPanicPanics(t *testing.T) {
	const n = 10
	told := 0
	x := stepped(t, exec.Config{OnPanic: func(p exec.Panic) {
		if told++; p.Blocking {
			panic("again")
		}
	}})
	var jobs []*exec.Job[int]
	inOneStep(t, x, func(l *exec.Local) {
		for range n {
			j, err := exec.GoBlocking(l, func() (int, error) { panic(errPlanted) })
			require.NoError(t, err)
			jobs = append(jobs, j)
		}
	})
	eventually(t, "all are over", func() bool { settle(x); return x.Stats().Blocking == 0 })
	for _, j := range jobs {
		_, err, over := j.Result()
		require.True(t, over)
		isPanic(t, err, errPlanted)
	}
	s := x.Stats()
	require.Equal(t, 2*n, told)
	require.EqualValues(t, []uint64{n, 2 * n, n}, []uint64{s.TasksFailed, s.Panics, s.Spawned})
	settled(t, n+1, s)
}
