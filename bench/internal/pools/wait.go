package pools

import (
	"errors"
	"runtime"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

// Wait is how those wait who may share a cpu with whom they wait for: as measure.Poll, but after a few looks, which take
// as long as a cache line does, they also give the cpu away before each. The zero Wait is for goroutines.
type Wait struct {
	Threads bool // they are threads of their own; else goroutines
	poll    measure.Poll
	looks   int
	until   time.Time
}

const (
	shortLooks = 6
	longLooks  = 1 << 12 // between two looks at the clock
)

// Patience is how long anyone waits for what will not come.
const Patience = 30 * time.Second

var errLost = errors.New("data error: an item was lost: half a minute has passed without it")

// Again waits before the next look. Its error says that there is no hope.
func (w *Wait) Again() error {
	w.poll.Took(0, 1)
	if w.looks++; w.looks <= shortLooks {
		return nil
	}
	GiveWay(w.Threads)
	if w.looks%longLooks == 0 {
		if w.until.IsZero() {
			w.until = time.Now().Add(Patience)
		} else if time.Now().After(w.until) {
			return errLost
		}
	}
	return nil
}

// GiveWay gives the cpu to another thread that waits for it, or to another goroutine.
func GiveWay(threads bool) {
	if threads {
		measure.Yield()
	} else {
		runtime.Gosched()
	}
}
