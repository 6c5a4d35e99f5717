package exec

import (
	"context"
	"runtime/pprof"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// detector looks at the loops of this process from outside, on a goroutine of its own, which lives while there are
// loops to look at. While all of them sleep it sleeps, too.
type detector struct {
	mu       sync.Mutex
	suspects []*suspect // never changed in place
	running  bool

	asleep atomic.Bool   // a loop that wakes is to kick it
	kicked chan struct{} // has room for one
}

var stalls = detector{kicked: make(chan struct{}, 1)}

// The detector looks four times in the shortest StallAfter, but not more often than every millisecond. It goes to sleep
// when it has found all loops asleep for a while.
const (
	looksPerStall = 4
	leastLook     = time.Millisecond
	looksAsleep   = 100
)

// add begins to watch x, and returns what ends it.
func (d *detector) add(x *Exec) (remove func()) {
	if x.cfg.StallAfter < 0 {
		return func() {}
	}
	if x.suspect == nil {
		x.suspect = newSuspect(x)
	}
	s := x.suspect
	d.mu.Lock()
	d.suspects = append(slices.Clone(d.suspects), s)
	if !d.running {
		d.running = true
		go d.run()
	}
	d.mu.Unlock()
	d.kick()
	return func() {
		d.mu.Lock()
		d.suspects = slices.DeleteFunc(slices.Clone(d.suspects), func(o *suspect) bool { return o == s })
		d.mu.Unlock()
		d.kick()
	}
}

// loopAwake is called by a loop that has woken, after it has shown that.
func (d *detector) loopAwake() {
	if d.asleep.Load() {
		d.kick()
	}
}

func (d *detector) kick() {
	select {
	case d.kicked <- struct{}{}:
	default: // it has been kicked already
	}
}

func (d *detector) run() {
	pprof.SetGoroutineLabels(context.Background()) // they are those of the loop that has begun it
	asleep := 0                                    // looks in a row that found all loops asleep
	tick := time.NewTimer(0)
	defer tick.Stop()
	for {
		suspects, pause := d.list()
		if suspects == nil {
			return
		}
		tick.Reset(pause)
		select {
		case <-tick.C:
		case <-d.kicked: // somebody has come or gone
			continue
		}
		if asleep++; look(suspects) {
			asleep = 0
		}
		if asleep >= looksAsleep {
			d.sleep(suspects)
			asleep = 0
		}
	}
}

// look reports what stalls, and whether any loop is awake. One profile serves all.
func look(suspects []*suspect) (anyAwake bool) {
	var guilty []*suspect
	for _, s := range suspects {
		awake, stalls := s.look()
		anyAwake = anyAwake || awake
		if stalls {
			guilty = append(guilty, s)
		}
	}
	if len(guilty) > 0 {
		all := goroutines()
		for _, s := range guilty {
			s.report(all)
		}
	}
	return anyAwake
}

// list returns whom to look at, and how often. If it is nobody the goroutine is no more.
func (d *detector) list() (suspects []*suspect, pause time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.suspects) == 0 {
		d.running = false
		return nil, 0
	}
	pause = d.suspects[0].x.cfg.StallAfter
	for _, s := range d.suspects {
		pause = min(pause, s.x.cfg.StallAfter)
	}
	return d.suspects, max(pause/looksPerStall, leastLook)
}

// sleep sleeps until a loop wakes, or comes or goes. It says so and looks once more; a loop shows that it is awake and
// looks who sleeps: so one of both sees the other.
func (d *detector) sleep(suspects []*suspect) {
	select {
	case <-d.kicked: // of long ago
	default:
	}
	d.asleep.Store(true)
	defer d.asleep.Store(false)
	for _, s := range suspects {
		if s.x.parker.word.Load() == awake {
			return
		}
	}
	d.mu.Lock()
	same := slices.Equal(suspects, d.suspects)
	d.mu.Unlock()
	if same {
		<-d.kicked
	}
}
