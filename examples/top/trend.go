package main

import (
	"time"

	"github.com/pushcore/pushcore/group/debug"
)

// trendLength is how many shares are remembered: a minute, at two per second.
const trendLength = 120

// stallNews is for how long a stall is news.
const stallNews = 10 * time.Second

// trend is what is remembered of a worker. It is a value: what is shown stays as it is while the view is paused.
type trend struct {
	busy    []float64 // newest last
	total   int       // how many there ever were
	stalled time.Time // the report in which its stalls were more than before, and nobody else was to blame
}

// tracker makes samples of reports that come one after the other.
type tracker struct {
	last   *debug.Report
	trends map[workerKey]trend
}

// add takes the next report.
func (t *tracker) add(now debug.Report) *sample {
	s := compare(t.last, now)
	trends := make(map[workerKey]trend, len(s.rows))
	for i := range s.rows {
		r := &s.rows[i]
		r.trend = t.trends[r.key]
		if r.fresh {
			r.trend = trend{}
		} else {
			r.trend.add(r.busy)
		}
		if s := r.now.LastStall; r.stalls > 0 && s != nil && !s.HeldUp {
			r.trend.stalled = now.Time
		}
		trends[r.key] = r.trend
	}
	t.last, t.trends = &now, trends
	return s
}

// add appends to a copy: older samples keep theirs.
func (t *trend) add(busy float64) {
	from := max(0, len(t.busy)+1-2*trendLength) // cells of a sparkline begin before the minute does
	t.busy = append(append(make([]float64, 0, len(t.busy)+1), t.busy[from:]...), busy)
	t.total++
}

// stalledLately says that there was a stall that is still news.
func (r *row) stalledLately(now time.Time) bool {
	return !r.trend.stalled.IsZero() && now.Sub(r.trend.stalled) < stallNews
}
