package exec_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// What fn returns comes back to the loop; fn itself runs somewhere else.
func TestBlockingReturnsWhatTheFunctionReturns(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		x := w.exec(exec.Config{})
		for _, want := range []error{nil, errPlanted} {
			v, err := in(w, x, func(co *exec.Co) (int, error) {
				return exec.Blocking(co, func() (int, error) {
					require.False(t, exec.OnLoop())
					time.Sleep(time.Microsecond)
					return 42, want
				})
			})
			require.Equal(t, want, err)
			require.Equal(t, 42, v)
		}
		w.until("no job is left", func() bool { return x.Stats().Blocking == 0 })
	})
}

// The loop keeps turning while a job runs; the job is there for anyone on the loop.
func TestBlockingLetsTheLoopGoOn(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		x := w.exec(exec.Config{})
		release := make(chan struct{})
		v, err := in(w, x, func(co *exec.Co) (int, error) {
			j, err := exec.GoBlocking(co.Local(), func() (int, error) { <-release; return 7, nil })
			require.NoError(t, err)
			for range 100 {
				require.NoError(t, co.Yield())
				_, _, over := j.Result()
				require.False(t, over)
			}
			require.Equal(t, 1, co.Local().Stats().Blocking)
			close(release)
			v, err := j.Await(co)
			require.NoError(t, err)
			require.True(t, j.Finished())
			u, err := j.Await(co)
			require.NoError(t, err, "and again")
			_, ok := exec.Select(co, j)
			require.NoError(t, ok)
			return v + u, nil
		})
		require.NoError(t, err)
		require.Equal(t, 14, v)
	})
}

// Jobs complete in the order in which they end, whatever that in which they began.
func TestBlockingCompletesInTheOrderOfTheEnds(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		x := w.exec(exec.Config{MaxBlocking: 4})
		const n = 4
		_, err := in(w, x, func(co *exec.Co) (int, error) {
			var gates [n]chan struct{}
			ended := exec.NewQueue[int](co.Local(), n)
			for i := range n {
				gates[i] = make(chan struct{})
				j, err := exec.GoBlocking(co.Local(), func() (int, error) { <-gates[i]; return i, nil })
				require.NoError(t, err)
				_, err = exec.Go(co.Local(), func(co *exec.Co) (int, error) {
					v, err := j.Await(co)
					require.NoError(t, err)
					return 0, ended.Send(co, v)
				})
				require.NoError(t, err)
			}
			for i := n - 1; i >= 0; i-- {
				close(gates[i])
				v, err := ended.Receive(co)
				require.NoError(t, err)
				require.Equal(t, i, v)
			}
			return 0, nil
		})
		require.NoError(t, err)
	})
}

// In a Select, beside a limit of time: the job goes on without it.
func TestBlockingInASelect(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		x := w.exec(exec.Config{})
		_, err := in(w, x, func(co *exec.Co) (int, error) {
			release := make(chan struct{})
			j, err := exec.GoBlocking(co.Local(), func() (int, error) { <-release; return 7, nil })
			require.NoError(t, err)
			i, err := exec.Select(co, j, exec.Elapsed(time.Millisecond))
			require.NoError(t, err)
			require.Equal(t, 1, i)
			close(release)
			i, err = exec.Select(co, exec.Elapsed(time.Hour), j)
			require.NoError(t, err)
			require.Equal(t, 1, i)
			v, err, over := j.Result()
			require.True(t, over)
			require.NoError(t, err)
			require.Equal(t, 7, v)
			return 0, nil
		})
		require.NoError(t, err)
	})
}

// A task may start a job, too; a coroutine of another Exec cannot wait for it.
func TestBlockingFromATask(t *testing.T) {
	x, y := stepped(t, exec.Config{}), stepped(t, exec.Config{})
	var job *exec.Job[int]
	inOneStep(t, x, func(l *exec.Local) {
		require.PanicsWithValue(t, "exec: GoBlocking with a nil function", func() { _, _ = exec.GoBlocking[int](l, nil) })
		var err error
		job, err = exec.GoBlocking(l, func() (int, error) { return 1, nil })
		require.NoError(t, err)
	})
	j := launched(t, y, func(co *exec.Co) (int, error) { return job.Await(co) })
	_, err, _ := j.Result()
	require.Equal(t, exec.ErrForeign, err)
	eventually(t, "it is over", func() bool { settle(x); return job.Finished() })
	v, err, over := job.Result()
	require.True(t, over)
	require.NoError(t, err)
	require.Equal(t, 1, v)
}
