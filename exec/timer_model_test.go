package exec_test

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// timerModel is what timers do, as a list that is searched.
type timerModel struct {
	armed []*modelTimer
	ids   int           // the id of the next one
	order int           // the place among equal deadlines of the next one
	limit int           // how many may be armed
	now   time.Duration // before which nothing is armed
}

type modelTimer struct {
	timerPlan
	when      time.Duration
	id, order int
	ticks     int
}

// timerPlan is what a timer under test does.
type timerPlan struct {
	again  time.Duration // if positive, its task arms another one for this less 1
	period time.Duration // if positive, it is periodic, and ...
}

// ... in these of its ticks it resets and stops itself.
const (
	resetTick = 3
	stopTick  = 5
)

// beyond returns a + d, or the end of time.
func beyond(a, d time.Duration) time.Duration {
	if d = max(d, 0); a+d >= a {
		return a + d
	}
	return math.MaxInt64
}

func (m *timerModel) full() bool { return len(m.armed) == m.limit }

func (m *timerModel) begin(now time.Duration) {
	if len(m.armed) == 0 {
		m.now = max(m.now, now)
	}
}

func (m *timerModel) put(t *modelTimer, when time.Duration) {
	t.when, t.order = when, m.order
	m.order++
	m.armed = append(m.armed, t)
}

func (m *timerModel) after(now, d time.Duration, p timerPlan) bool {
	return m.at(now, beyond(now, d), p)
}

func (m *timerModel) at(now, when time.Duration, p timerPlan) bool {
	if m.full() {
		return false
	}
	m.begin(now)
	m.put(&modelTimer{timerPlan: p, id: m.ids}, max(when, m.now))
	m.ids++
	return true
}

// stop returns the timer that it has stopped, or nil.
func (m *timerModel) stop(id int) *modelTimer {
	i := slices.IndexFunc(m.armed, func(t *modelTimer) bool { return t.id == id })
	if i < 0 {
		return nil
	}
	t := m.armed[i]
	m.armed = slices.Delete(m.armed, i, i+1)
	return t
}

func (m *timerModel) reset(now time.Duration, id int, d time.Duration) bool {
	t := m.stop(id)
	if t == nil {
		return false
	}
	m.begin(now)
	m.put(t, beyond(now, d))
	return true
}

// next returns the timer that is the next to fire.
func (m *timerModel) next() *modelTimer {
	return slices.MinFunc(m.armed, func(a, b *modelTimer) int {
		if a.when != b.when {
			return cmp.Compare(a.when, b.when)
		}
		return a.order - b.order
	})
}

// turn fires what is due, but nothing that is armed meanwhile, and returns the
// ids in order.
func (m *timerModel) turn(now time.Duration) (fired []int) {
	const budget = 64
	if len(m.armed) > 0 {
		m.now = max(m.now, now)
	}
	for before := m.order; len(m.armed) > 0 && len(fired) < budget; {
		t := m.next()
		if t.when > now || t.order >= before {
			break
		}
		m.stop(t.id)
		fired = append(fired, t.id)
		if t.again > 0 {
			m.after(now, t.again-1, timerPlan{})
		}
		if t.period == 0 {
			continue
		}
		t.ticks++
		missed := uint64(now-t.when) / uint64(t.period)
		tick := t.when + time.Duration(missed*uint64(t.period)) // the last of them
		m.put(t, beyond(tick, t.period))
		switch t.ticks {
		case resetTick:
			m.reset(now, t.id, t.period/2)
		case stopTick:
			m.stop(t.id)
		}
	}
	return fired
}

// until returns what Step is to report.
func (m *timerModel) until(now time.Duration) time.Duration {
	if len(m.armed) == 0 {
		return exec.Never
	}
	when := m.next().when
	if when > now && when-now < 0 {
		return exec.Never
	}
	return max(when-now, 0)
}

// timersUnderTest drives the real ones like the model.
type timersUnderTest struct {
	armed   []exec.Timer // by id
	fired   []int
	stopped int
	moved   bool // something was stopped or reset
}

// plannedTask is the task of a timer under test.
type plannedTask struct {
	timerPlan
	r         *timersUnderTest
	id, ticks int
}

func (p *plannedTask) Run(l *exec.Local) {
	p.r.fired = append(p.r.fired, p.id)
	if p.again > 0 {
		p.r.arm(timerPlan{}, func(t exec.Task) (exec.Timer, bool) { return l.After(p.again-1, t) })
	}
	p.ticks++
	switch tm := p.r.armed[p.id]; {
	case tm.Armed() != (p.period > 0):
		panic("only a periodic timer is armed in its own task")
	case p.period > 0 && p.ticks == resetTick:
		p.r.reset(p.id, p.period/2)
	case p.period > 0 && p.ticks == stopTick:
		p.r.stop(p.id)
	}
}

func (r *timersUnderTest) arm(p timerPlan, how func(t exec.Task) (exec.Timer, bool)) bool {
	tm, ok := how(&plannedTask{timerPlan: p, r: r, id: len(r.armed)})
	if ok {
		r.armed = append(r.armed, tm)
	}
	return ok
}

func (r *timersUnderTest) stop(id int) bool {
	ok := r.armed[id].Stop()
	if ok {
		r.stopped++
		r.moved = true
	}
	return ok
}

func (r *timersUnderTest) reset(id int, d time.Duration) bool {
	ok := r.armed[id].Reset(d)
	r.moved = r.moved || ok
	return ok
}
