package pipelines

import (
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

// poll returns how a thread of the shape waits for its neighbours: one that has a cpu for itself has no need to give
// way.
func (sh shape) poll(s measure.Spot, thread int) measure.Poll {
	if s.Pinned && !sh.shares(thread) {
		return measure.Poll{}
	}
	return s.Poll(sh.threads())
}

// tooLong is how long is waited for an event until it must have been lost.
const tooLong = 30 * time.Second
