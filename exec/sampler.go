package exec

import (
	"math"
	"time"
)

// sampler picks which of many like things are timed: at random, so that no pattern hides from it, and so few that two
// looks at the clock for each cost next to nothing. A sample stands for all that came since the last one, so long
// things that are rare weigh what they should.
//
// The distance between samples follows the rate: it doubles while they come more often than every sampleEvery, and
// halves while they come much less often, down to timing everything.
type sampler struct {
	next   uint64 // the number of the thing that is timed next
	last   uint64 // the number of the one that was
	stride uint64 // mean distance
	at     int64  // ticks at the last sample
	seed   uint32 // of the distances
}

// sampleEvery is how far apart samples are meant to be, sampleStale how old the last one may be before the next thing
// is timed, whatever its number.
const (
	sampleEvery = 25 * time.Microsecond
	sampleStale = time.Millisecond
	maxStride   = 1 << 12
)

// never makes a sampler that picks nothing.
func (s *sampler) never() { s.next = math.MaxUint64 }

// took notes that thing n was timed, and returns how many it stands for. It is called at the time now.
func (s *sampler) took(n uint64, now, every int64) (weight uint64) {
	weight = n - s.last
	switch apart := now - s.at; {
	case apart < every:
		s.stride = min(2*s.stride, maxStride)
	case apart > 4*every:
		s.stride /= 2
	}
	s.stride = max(s.stride, 1)
	s.last, s.at = n, now
	s.skip(n)
	return weight
}

// skip leaves out things, as many as stride in the mean.
func (s *sampler) skip(n uint64) {
	s.seed = s.seed*1664525 + 1013904223 // (Numerical Recipes' generator, of which the upper bits are good)
	s.next = n + 1 + uint64(s.seed)*(2*max(s.stride, 1)-1)>>32
}

// hurry is called now and then with the number of the last thing: after a pause the next one is timed.
func (s *sampler) hurry(n uint64, now, stale int64) {
	if now-s.at > stale && s.next != math.MaxUint64 {
		s.next = min(s.next, n+1)
	}
}
