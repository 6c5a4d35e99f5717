package exec_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// timerModel is what timers do, as a list that is searched.
type timerModel struct {
	armed []modelTimer
	made  int // the id, and the place among equal deadlines, of the next one
	limit int
}

type modelTimer struct {
	when  time.Duration
	id    int
	again time.Duration // armed anew with this when it fires, if positive
}

func (m *timerModel) arm(now, d, again time.Duration) bool {
	if len(m.armed) == m.limit {
		return false
	}
	m.armed = append(m.armed, modelTimer{now + max(d, 0), m.made, again})
	m.made++
	return true
}

func (m *timerModel) stop(id int) bool {
	i := slices.IndexFunc(m.armed, func(t modelTimer) bool { return t.id == id })
	if i < 0 {
		return false
	}
	m.armed = slices.Delete(m.armed, i, i+1)
	return true
}

// next returns the timer that is the next to fire.
func (m *timerModel) next() (i int) {
	for j, t := range m.armed {
		if t.when < m.armed[i].when || t.when == m.armed[i].when && t.id < m.armed[i].id {
			i = j
		}
	}
	return i
}

// turn fires what is due, but nothing that is armed meanwhile, and returns the
// ids in order.
func (m *timerModel) turn(now time.Duration) (fired []int) {
	const budget = 64
	for before := m.made; len(m.armed) > 0 && len(fired) < budget; {
		i := m.next()
		t := m.armed[i]
		if t.when > now || t.id >= before {
			break
		}
		m.armed = slices.Delete(m.armed, i, i+1)
		fired = append(fired, t.id)
		if t.again > 0 {
			m.arm(now, t.again-1, 0)
		}
	}
	return fired
}

// until returns what Step is to report.
func (m *timerModel) until(now time.Duration) time.Duration {
	if len(m.armed) == 0 {
		return exec.Never
	}
	return max(m.armed[m.next()].when-now, 0)
}

// timersUnderTest drives the real ones like the model.
type timersUnderTest struct {
	armed []exec.Timer // by id
	fired []int
}

func (r *timersUnderTest) arm(l *exec.Local, d, again time.Duration) bool {
	id := len(r.armed)
	tm, ok := l.After(d, exec.Func(func(l *exec.Local) {
		r.fired = append(r.fired, id)
		if again > 0 {
			r.arm(l, again-1, 0)
		}
	}))
	if ok {
		r.armed = append(r.armed, tm)
	}
	return ok
}

// FuzzTimers holds the timers of an Exec against the model, on a clock that jumps.
// Two bytes are one operation: arm, arm one that re-arms itself, stop, or let time
// pass and run a turn.
func FuzzTimers(f *testing.F) {
	f.Add([]byte{0, 5, 0, 5, 0, 3, 3, 4, 2, 0, 3, 9})
	f.Add([]byte{0, 0, 1, 0, 1, 1, 3, 0, 3, 0, 3, 1, 3, 1})
	f.Add(append(slices.Repeat([]byte{0, 1}, 100), 3, 2, 3, 0, 3, 0))
	f.Add(append(slices.Repeat([]byte{0, 1, 1, 9, 2, 1}, 50), slices.Repeat([]byte{2, 3, 3, 1, 2, 40}, 20)...))
	f.Fuzz(func(t *testing.T, ops []byte) {
		const limit = 80 // more than a turn fires
		x, now := faked(t, exec.Config{MaxTimers: limit, LocalCap: 8, InboxCap: 8, ControlCap: 8})
		model, real := &timerModel{limit: limit}, &timersUnderTest{}
		stopped := 0
		for len(ops) >= 2 {
			inOneStep(t, x, func(l *exec.Local) {
				for ; len(ops) >= 2 && ops[0]%4 != 3; ops = ops[2:] {
					d := time.Duration(ops[1] % 16)
					switch ops[0] % 4 {
					case 0:
						require.Equal(t, model.arm(*now, d-1, 0), real.arm(l, d-1, 0))
					case 1:
						require.Equal(t, model.arm(*now, d%4, 1+d/4), real.arm(l, d%4, 1+d/4))
					case 2:
						if len(real.armed) > 0 {
							id := len(real.armed) - 1 - int(ops[1])%len(real.armed)
							did := real.armed[id].Stop()
							require.Equal(t, model.stop(id), did, "stopping %d", id)
							if did {
								stopped++
							}
						}
					}
				}
			})
			require.Equal(t, model.turn(*now), real.fired)
			if len(ops) >= 2 {
				*now += time.Duration(ops[1] % 16)
				ops = ops[2:]
			}
			real.fired = nil
			_, next := x.Step()
			require.Equal(t, model.turn(*now), real.fired)
			require.Equal(t, model.until(*now), next)
			real.fired = nil
		}
		require.Equal(t, len(model.armed)+stopped, int(x.Stats().Returned)+len(drain(t, x)))
	})
}
