package exec

import (
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/internal/mem"
)

// A stall that lasts is reported once, and an Exec that has many of them stallBurst times, and then once in stallPause.
const (
	stallBurst = 5
	stallPause = 12 * time.Second
)

// suspect is what the detector knows of one Exec. It lives as long as that, whatever becomes of its threads.
type suspect struct {
	x     *Exec
	after int64 // Config.StallAfter in ticks

	turn     int64 // when the turn that was looked at last began
	reported bool

	seen         time.Time     // when the turn was seen for the second time: it is watched since
	ran, waiting time.Duration // for how long the thread has had a processor until then, and for how long it has waited for one

	suppressed int
	tokens     int
	refilled   time.Time
	delivering atomic.Bool // the last report is still in the hands of the program
}

func newSuspect(x *Exec) *suspect {
	return &suspect{x: x, after: ticksOf(x.cfg.StallAfter), tokens: stallBurst, refilled: time.Now()}
}

// look is called by the detector now and then. It reports whether the loop is awake, and whether it stalls and that has
// to be reported.
func (s *suspect) look() (awake, stalls bool) {
	turn := int64(s.x.board.turn.Load())
	if turn == 0 {
		return false, false
	}
	if turn != s.turn {
		s.turn, s.reported, s.seen = turn, false, time.Time{}
		return true, false
	}
	if s.seen.IsZero() { // for the second time
		s.seen, s.ran, s.waiting = time.Now(), s.x.threadRan(), s.x.threadWaiting()
		return true, false
	}
	if s.reported || mem.Ticks()-turn <= s.after {
		return true, false
	}
	s.reported = true
	if s.delivering.Load() || !s.mayReport(time.Now()) {
		s.suppressed++
		return true, false
	}
	return true, true
}

// report describes the stall by what all goroutines do, and hands that on.
func (s *suspect) report(all []goroutine) {
	x := s.x
	took := mem.TicksDuration(mem.Ticks() - s.turn)
	r := &Stall{Exec: x.cfg.Name, Began: time.Now().Add(-took), For: took, Suppressed: s.suppressed}
	looked, ran := time.Now(), x.threadRan()
	r.Thread, r.Preempted = x.threadState(), max(x.threadWaiting()-s.waiting, 0)
	at := x.culprit(all)
	r.Kind, r.Function, r.Stack = at.describe()
	switch {
	case r.Thread == "sleeping" && at.ready:
		r.Thread = "ready"
	case r.Thread == "running" && x.threadRan() == ran: // it would; and a wait that is not over is not booked yet
		r.Preempted = max(r.Preempted, looked.Sub(s.seen)-(ran-s.ran))
	}
	r.HeldUp = r.Thread == "ready" || r.Preempted > looked.Sub(s.seen)/2
	if int64(x.board.turn.Load()) != s.turn { // what was found is something else
		s.suppressed++
		return
	}
	s.suppressed = 0
	x.lastStall.Store(r)
	s.delivering.Store(true)
	go func() { // the program's code, which may wait
		defer s.delivering.Store(false)
		if f := x.cfg.OnStall; f != nil {
			f(*r)
		} else {
			r.Log(x.cfg.Logger)
		}
	}()
}

// mayReport takes a token, of which a new one comes every stallPause.
func (s *suspect) mayReport(now time.Time) bool {
	if fresh := int(now.Sub(s.refilled) / stallPause); fresh > 0 {
		s.tokens, s.refilled = min(s.tokens+fresh, stallBurst), now
	}
	if s.tokens == 0 {
		return false
	}
	s.tokens--
	return true
}
