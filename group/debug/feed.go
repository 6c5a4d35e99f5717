package debug

import (
	"encoding/json"
	"sync"
	"time"
)

// feed makes the events of all streams: one Report in each interval, by the first stream that asks for it. So many who
// look on cost what one does, and nothing is left running when nobody does.
type feed struct {
	sources  []Source
	interval time.Duration

	mu    sync.Mutex
	event []byte
	tick  int64 // the interval that event is of, counted from begin
}

// now returns the event of this interval, and which one that is.
func (f *feed) now() (event []byte, tick int64, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.event == nil || f.tick != f.count() {
		text, err := json.Marshal(NewReport(f.sources...)) // it has no newlines, which would end the event
		if err != nil {
			return nil, 0, err
		}
		f.event = append(append([]byte("data: "), text...), "\n\n"...)
		f.tick = f.count() // not before: those who have waited for it are to have it, too
	}
	return f.event, f.tick, nil
}

func (f *feed) count() int64 { return int64(time.Since(begin) / f.interval) }

// after returns a channel that tells when the interval after tick begins.
func (f *feed) after(tick int64) <-chan time.Time {
	return time.After(time.Until(begin.Add(time.Duration(tick+1) * f.interval)))
}
