package balancesim

// departure is when a busy worker will be done with what it serves.
type departure struct {
	at     float64
	worker int32
}

// departures is a binary heap with the next one first: at most one entry for each worker, so that an event costs log2
// of the number of busy workers, however long their queues are.
type departures []departure

func (h *departures) push(d departure) {
	s := append(*h, d)
	*h = s
	i := len(s) - 1
	for i > 0 {
		up := (i - 1) / 2
		if s[up].at <= d.at {
			break
		}
		s[i] = s[up]
		i = up
	}
	s[i] = d
}

// pop removes the first.
func (h *departures) pop() {
	s := *h
	last := len(s) - 1
	d := s[last]
	*h = s[:last]
	if last > 0 {
		h.replace(d)
	}
}

// replace puts d in the place of the first.
func (h *departures) replace(d departure) {
	s := *h
	i := 0
	for {
		down := 2*i + 1
		if down >= len(s) {
			break
		}
		if r := down + 1; r < len(s) && s[r].at < s[down].at {
			down = r
		}
		if d.at <= s[down].at {
			break
		}
		s[i] = s[down]
		i = down
	}
	s[i] = d
}
