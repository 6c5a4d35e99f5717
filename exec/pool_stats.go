package exec

// PoolStats is what a Pool has done since it was made. All counts only grow, but
// for Live and Free.
type PoolStats struct {
	Live int // objects out now; once everything has ended, leaks
	Free int // objects kept for a later Get, at home or on their way

	Gets    uint64 // objects given out
	Misses  uint64 // objects that New made for it
	Refused uint64 // Gets that returned nil because MaxLive were out
	Foreign uint64 // objects freed elsewhere than at home
	Dropped uint64 // free objects left to the garbage collector
}

// Stats returns the counts. Anyone may call it at any time; it costs the loops
// nothing. While the pool is in use Live and Free may be too high by what happens
// during the call. Objects that a foreign loop has put in its present turn may
// still count as live.
func (p *Pool[T]) Stats() PoolStats {
	// Every object made is live, free or dropped. What lowers a difference is
	// loaded before what raises it, so that neither can come out negative.
	dropped := p.trimmed.Load() + p.dropped.Load()
	before := p.gets.Load()
	back := p.puts.Load() + p.elsewhere.Load()
	misses := p.misses.Load()
	gets := p.gets.Load()
	return PoolStats{
		Live:    int(gets - back),
		Free:    int(misses + back - before - dropped),
		Gets:    gets,
		Misses:  misses,
		Refused: p.refused.Load(),
		Foreign: p.elsewhere.Load(),
		Dropped: dropped,
	}
}
