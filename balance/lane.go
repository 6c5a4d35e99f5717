package balance

// laneRuns is how many runs a lane remembers one by one.
const laneRuns = 16

// A run is items of one producer at one worker, sent one after the other: those after from up to end in the producer's
// own count. The first has position at in the merged count, the others follow it: at once, or later on in a run that
// was continued because there was no room for another.
type run struct{ at, from, end uint64 }

// lane is what one producer has in flight at one worker.
//
// Invariant: 0 <= n <= laneRuns; the runs in use are those from head on, in order, none empty, and all have end >
// taken.
type lane struct {
	sent, taken uint64 // the producer's own counts, with the pick that it may just be sending
	head, n     int
	runs        [laneRuns]run
}

// tail returns the last run. There must be one.
func (l *lane) tail() *run { return &l.runs[(l.head+l.n-1)%laneRuns] }

// push adds n items that begin at position at.
func (l *lane) push(at, n uint64) {
	from := l.sent
	l.sent += n
	if l.n > 0 {
		if t := l.tail(); l.n == laneRuns || t.at+(t.end-t.from) == at {
			t.end = l.sent
			return
		}
	}
	l.n++
	*l.tail() = run{at, from, l.sent}
}

// recall takes back the items after sent, and returns how many positions nobody has thereby: those at the end.
// Positions that others' items come after stay, with nothing to wait for.
func (l *lane) recall(sent, end uint64) (free uint64) {
	l.sent = sent
	for l.n > 0 && l.tail().end > sent {
		t := l.tail()
		k := t.end - max(sent, t.from)
		if t.at+(t.end-t.from) == end {
			free, end = free+k, end-k
		}
		if t.end -= k; t.end == t.from {
			l.n--
		}
	}
	return free
}

// take notes that the items up to taken have been taken.
func (l *lane) take(taken uint64) {
	l.taken = max(l.taken, taken)
	for l.n > 0 && l.runs[l.head].end <= l.taken {
		l.head, l.n = (l.head+1)%laneRuns, l.n-1
	}
}

// oldest returns a position that no item in flight is before: that of the oldest in the lane, or none if there is none.
func (l *lane) oldest(none uint64) uint64 {
	if l.n == 0 {
		return none
	}
	r := &l.runs[l.head]
	return r.at + (max(l.taken, r.from) - r.from)
}
