package exec_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// Operations of FuzzTimers: the low three bits of the first of two bytes. The
// other five, twice, are the power of two of the unit that the second byte counts.
const (
	opAfter = iota
	opAgain // After, and again when it fires
	opStop
	opStep // let time pass and run a turn
	opAt
	opEvery
	opReset
	opAtPast // At relative to now, earlier than it
)

// FuzzTimers holds the timers of an Exec against the model, on a clock that jumps.
func FuzzTimers(f *testing.F) {
	const milli, hour = 10 << 3, 21 << 3 // about, as units
	f.Add([]byte{0, 5, 0, 5, 0, 3, 3, 4, 2, 0, 3, 9}, int64(0))
	f.Add([]byte{0, 0, 1, 0, 1, 1, 3, 0, 3, 0, 3, 1, 3, 1}, int64(-5))
	f.Add(append(slices.Repeat([]byte{0, 1}, 100), 3, 2, 3, 0, 3, 0), int64(1<<36-3))
	f.Add(append(slices.Repeat([]byte{0, 1, 1, 9, 2, 1}, 50), slices.Repeat([]byte{2, 3, 3, 1, 2, 40}, 20)...), int64(0))
	f.Add(append(slices.Repeat([]byte{5, 3, milli + 5, 2, 4, 9, hour + 4, 1}, 9), slices.Repeat([]byte{3, 1, milli + 3, 1, 6, 3, milli + 6, 5}, 20)...), int64(1<<40))
	f.Add([]byte{31 << 3, 15, 31<<3 | 5, 7, 31<<3 | 3, 3, 5, 1, 31<<3 | 3, 15, 3, 1, 7, 3, 3, 1}, int64(math.MaxInt64-9))
	f.Fuzz(func(t *testing.T, ops []byte, start int64) {
		const limit = 80 // more than a turn fires
		ops = ops[:min(len(ops), 1<<12)]
		x, now := faked(t, exec.Config{MaxTimers: limit, LocalCap: 8, InboxCap: 8, ControlCap: 8})
		*now = time.Duration(start)
		model, real := &timerModel{limit: limit, now: math.MinInt64}, &timersUnderTest{}
		steps := uint64(0)
		turn := func(next time.Duration) {
			require.Equal(t, model.turn(*now), real.fired)
			want := model.until(*now)
			require.LessOrEqual(t, next, want, "too late")
			require.Equal(t, want > 0, next > 0, "nothing is due, and the loop is told to go on")
			if !real.moved {
				require.Equal(t, want, next)
			}
			real.fired = nil
		}
		for len(ops) >= 2 {
			require.True(t, x.TryControl(exec.Func(func(l *exec.Local) {
				for ; len(ops) >= 2 && ops[0]%8 != opStep; ops = ops[2:] {
					unit := ops[0] >> 3 * 2
					d := time.Duration(uint64(ops[1]%16) << unit & math.MaxInt64)
					id := len(real.armed) - 1 - int(ops[1])%max(len(real.armed), 1)
					after := func(p timerPlan, d time.Duration) {
						require.Equal(t, model.after(*now, d, p), real.arm(p, func(t exec.Task) (exec.Timer, bool) { return l.After(d, t) }))
					}
					at := func(when time.Duration) {
						require.Equal(t, model.at(*now, when, timerPlan{}), real.arm(timerPlan{}, func(t exec.Task) (exec.Timer, bool) { return l.At(when, t) }))
					}
					switch ops[0] % 8 {
					case opAfter:
						after(timerPlan{}, d-1)
					case opAgain:
						after(timerPlan{again: 1 + d>>2}, time.Duration(ops[1]%4)<<min(unit, 60))
					case opAt:
						at(beyond(*now, d))
					case opAtPast:
						at(max(*now, math.MinInt64+d) - d)
					case opEvery:
						p := timerPlan{period: d + 1}
						require.Equal(t, model.after(*now, d+1, p), real.arm(p, func(t exec.Task) (exec.Timer, bool) { return l.Every(d+1, t) }))
					case opStop:
						if id >= 0 {
							require.Equal(t, model.stop(id) != nil, real.stop(id), "stopping %d", id)
						}
					case opReset:
						if id >= 0 {
							require.Equal(t, model.reset(*now, id, d-1), real.reset(id, d-1), "resetting %d", id)
						}
					}
				}
			})))
			_, next := x.Step()
			steps++
			turn(next)
			if len(ops) >= 2 {
				*now = beyond(*now, time.Duration(uint64(ops[1]%16)<<(ops[0]>>3*2)&math.MaxInt64))
				ops = ops[2:]
			}
			_, next = x.Step()
			turn(next)
		}
		var left []int
		for len(model.armed) > 0 {
			left = append(left, model.next().id)
			model.stop(model.next().id)
		}
		var undone []int
		for _, task := range drain(t, x) {
			undone = append(undone, task.(*plannedTask).id)
		}
		require.Equal(t, left, undone)
		s := x.Stats()
		require.EqualValues(t, real.stopped+len(left), s.Returned)
		settled(t, int(steps+s.Spawned), s)
	})
}
