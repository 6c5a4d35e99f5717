package exec

import (
	"math"
	"math/rand/v2"
	"time"
)

// sampler picks which of many like things are timed: one of each block of stride things that follow each other, whichever,
// so that no pattern hides from it. A sample weighs stride: a long thing that is rare is seldom picked, and then weighs
// what all of its kind do together.
//
// The stride follows the rate, so that two looks at the clock for each sample cost next to nothing: it doubles while
// samples come more often than every sampleEvery, and halves while they come much less often, down to timing everything.
// It hangs on the past only: what is to come has no say in whether it is picked. (Stratified sampling; the estimator is
// Horvitz and Thompson's.)
type sampler struct {
	next   uint64 // the number of the thing that is timed next, counted from 1
	end    uint64 // that of the last thing of its block
	stride uint64 // 0 is 1
	at     int64  // ticks at the last sample
}

// sampleEvery is how far apart samples are meant to be, sampleStale how old the last one may be before more are picked.
const (
	sampleEvery = 50 * time.Microsecond
	sampleStale = time.Millisecond
	maxStride   = 1 << 12
)

// never makes a sampler that picks nothing.
func (s *sampler) never() { s.next = math.MaxUint64 }

// took notes that thing n was timed, and returns how many it stands for. It is called at the time now.
func (s *sampler) took(n uint64, now, every int64) (weight uint64) {
	weight = max(s.stride, 1)
	s.pace(now, every)
	s.block(max(n, s.end))
	return weight
}

// pace is told that a sample was taken, and adjusts the stride.
func (s *sampler) pace(now, every int64) {
	s.stride = max(s.stride, 1)
	switch apart := now - s.at; {
	case apart < every:
		s.stride = min(2*s.stride, maxStride)
	case apart > 4*every:
		s.stride = max(s.stride/2, 1)
	}
	s.at = now
}

// block begins a block after thing n.
func (s *sampler) block(n uint64) {
	s.stride = max(s.stride, 1)
	s.next, s.end = n+1, n+s.stride
	if s.stride > 1 {
		s.next += rand.Uint64N(s.stride)
	}
}

// relax is called now and then with the number of the last thing: after a pause more of them are picked.
func (s *sampler) relax(n uint64, now, stale int64) {
	if s.stride > 1 && now-s.at > stale && s.next != math.MaxUint64 {
		s.stride /= 2
		s.block(n)
	}
}
