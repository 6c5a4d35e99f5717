package exec_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/exectest"
)

// In a simulation a job is run on the goroutine that steps, not in the turn that started
// it, and as if it were elsewhere.
func TestBlockingInASimulationRunsInALaterTurn(t *testing.T) {
	s := &script{pick: func(int) int { return 0 }}
	x := stepped(t, exec.Config{Sim: s})
	before, ran := runtime.NumGoroutine(), false
	var job *exec.Job[bool]
	inOneStep(t, x, func(l *exec.Local) {
		var err error
		job, err = exec.GoBlocking(l, func() (bool, error) {
			ran = true
			if exec.Checked {
				require.Panics(t, func() { l.Queued() }, "it is not on the loop")
			}
			return exec.OnLoop(), nil
		})
		require.NoError(t, err)
	})
	require.False(t, ran)
	require.Empty(t, s.parked)
	require.LessOrEqual(t, runtime.NumGoroutine(), before)
	settle(x)
	onLoop, err, over := job.Result()
	require.True(t, over)
	require.NoError(t, err)
	require.False(t, onLoop)
	require.True(t, ran)
	settled(t, 2, x.Stats())
	require.Zero(t, x.Stats().Blocking)
}

// The Simulator picks among those that MaxBlocking lets run at the same time.
func TestBlockingInASimulationInAnyOrder(t *testing.T) {
	for limit, want := range map[int][]int{1: {0, 1, 2, 3}, 2: {1, 2, 3, 0}, 10: {3, 2, 1, 0}} {
		x := stepped(t, exec.Config{MaxBlocking: limit, Sim: &script{pick: func(n int) int { return n - 1 }}})
		var got []int
		inOneStep(t, x, func(l *exec.Local) {
			for i := range 4 {
				_, err := exec.GoBlocking(l, func() (int, error) { got = append(got, i); return i, nil })
				require.NoError(t, err)
			}
		})
		settle(x)
		require.Equal(t, want, got)
	}
}

// Limits, cancelling and the end of the Exec are as with goroutines.
func TestBlockingInASimulationThatEnds(t *testing.T) {
	x := stepped(t, exec.Config{MaxBlocking: 1, BlockingCap: 2, Sim: &script{pick: func(int) int { return 0 }}})
	var jobs []*exec.Job[int]
	inOneStep(t, x, func(l *exec.Local) {
		for range 3 {
			j, err := exec.GoBlocking(l, func() (int, error) { t.Error("it ran"); return 0, nil })
			require.NoError(t, err)
			jobs = append(jobs, j)
		}
		_, err := exec.GoBlocking(l, func() (int, error) { return 0, nil })
		require.ErrorIs(t, err, exec.ErrTooMany)
		require.True(t, jobs[1].Cancel())
	})
	x.Stop()
	for i, want := range []error{exec.ErrClosed, exec.ErrCancelled, exec.ErrClosed} {
		_, err, over := jobs[i].Result()
		require.True(t, over)
		require.ErrorIs(t, err, want)
	}
	require.NoError(t, x.WaitBlocking(patience(t)))
	s := x.Stats()
	require.EqualValues(t, []uint64{2, 3}, []uint64{s.JobsUndone, s.Returned})
	settled(t, 4, s)
}

// A panic is reported, or goes on to whoever steps; a Goexit ends that goroutine.
func TestBlockingInASimulationFails(t *testing.T) {
	launchFailing := func(x *exec.Exec, fail func()) (job *exec.Job[int]) {
		inOneStep(t, x, func(l *exec.Local) {
			var err error
			job, err = exec.GoBlocking(l, func() (int, error) { fail(); return 0, nil })
			require.NoError(t, err)
		})
		return job
	}
	check := func(x *exec.Exec, job *exec.Job[int], value any) {
		_, err, over := job.Result()
		require.True(t, over)
		isPanic(t, err, value)
		s := x.Stats()
		require.EqualValues(t, []uint64{1, 1}, []uint64{s.TasksFailed, s.Panics})
		settled(t, 2, s)
		x.Step()                              // the rest of the turn that was cut short
		inOneStep(t, x, func(*exec.Local) {}) // it goes on
	}
	sim := &script{pick: func(int) int { return 0 }}
	for _, survived := range []bool{true, false} {
		var told []exec.Panic
		cfg := exec.Config{Sim: sim}
		if survived {
			cfg.OnPanic = func(p exec.Panic) { told = append(told, p) }
		}
		x := stepped(t, cfg)
		job := launchFailing(x, func() { panic(errPlanted) })
		if survived {
			settle(x)
			require.Len(t, told, 1)
			require.True(t, told[0].Blocking)
		} else {
			func() {
				defer func() { isPanic(t, recover().(error), errPlanted) }()
				settle(x)
			}()
		}
		check(x, job, errPlanted)

		x = stepped(t, cfg)
		job = launchFailing(x, runtime.Goexit)
		ended := make(chan bool)
		go func() {
			returned := false
			defer func() { ended <- returned }()
			x.Step()
			returned = true
		}()
		require.False(t, <-ended)
		check(x, job, nil)
	}
}

// Execs whose coroutines wait for blocking work, in simulations by seed: everything ends,
// no wake is lost, the account is right, and the same seed brings the same.
func TestBlockingInSimulationsBySeed(t *testing.T) {
	run := func(seed uint64) uint64 {
		sim, err := exectest.New(exectest.Config{Seed: seed, Shuffle: true, WakeDelay: 3, TurnTime: time.Microsecond})
		require.NoError(t, err)
		const execs, each = 3, 8
		over, accepted := 0, [execs]int{}
		var xs []*exec.Exec
		for i := range execs {
			x, err := sim.Exec(exec.Config{MaxBlocking: 1 + sim.Rand().IntN(3), BlockingCap: 1 + sim.Rand().IntN(4), OnPanic: func(exec.Panic) {}})
			require.NoError(t, err)
			xs = append(xs, x)
			require.True(t, x.TrySend(exec.Func(func(l *exec.Local) {
				accepted[i]++
				for range each {
					accepted[i]++
					require.NoError(t, l.Go(func(co *exec.Co) {
						what := sim.Rand().IntN(4)
						err := co.Within(time.Duration(sim.Rand().IntN(20))*time.Microsecond, func() error {
							j, err := exec.GoBlocking(l, func() (int, error) {
								if what == 0 {
									panic(errPlanted)
								}
								return 0, nil
							})
							if err != nil {
								return err
							}
							accepted[i]++
							_, err = j.Await(co)
							if !j.Finished() && what == 1 {
								require.True(t, j.Cancel(), "it has not begun")
							}
							return err
						})
						_ = err
						over++
					}))
				}
			})))
		}
		require.NoError(t, sim.Run(func() bool { return over == execs*each }))
		if sim.Rand().IntN(2) == 0 {
			require.NoError(t, sim.Settle())
		}
		trace := sim.Trace()
		for i, x := range xs {
			drain(t, x)
			require.NoError(t, x.WaitBlocking(patience(t)))
			require.Zero(t, x.Stats().Blocking)
			settled(t, accepted[i], x.Stats())
		}
		return trace
	}
	for seed := range uint64(sized(50, 200, 5000)) {
		require.Equal(t, run(seed), run(seed), "seed %d", seed)
	}
}
