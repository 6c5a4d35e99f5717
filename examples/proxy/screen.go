package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// screen is where lines and the table go. On a terminal the table is drawn again in its place;
// elsewhere there is only a line for each.
type screen struct {
	mu       sync.Mutex
	w        io.Writer
	terminal bool
	drawn    int // lines of the table that are at the bottom
}

func newScreen(w io.Writer, terminal bool) *screen { return &screen{w: w, terminal: terminal} }

// clear takes the table away.
func (s *screen) clear() {
	if s.drawn > 0 {
		fmt.Fprintf(s.w, "\x1b[%dA\x1b[J", s.drawn)
		s.drawn = 0
	}
}

// line prints a line that stays.
func (s *screen) line(text string) { s.above(func() { fmt.Fprintln(s.w, text) }) }

// above has f print something that stays. The next table is drawn below it.
func (s *screen) above(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	f()
}

// beside returns a writer to w for what stays, such as a log on the same terminal.
func (s *screen) beside(w io.Writer) io.Writer { return beside{s, w} }

type beside struct {
	s *screen
	w io.Writer
}

func (b beside) Write(p []byte) (n int, err error) {
	b.s.above(func() { n, err = b.w.Write(p) })
	return n, err
}

// draw shows a table, or its short form.
func (s *screen) draw(table, short string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.terminal {
		fmt.Fprintln(s.w, short)
		return
	}
	s.clear()
	fmt.Fprint(s.w, table)
	s.drawn = strings.Count(table, "\n")
}

// watch shows stats again and again, each time what has changed since.
type watch struct {
	C     <-chan time.Time // nil: never
	tick  *time.Ticker
	out   *screen
	began time.Time
	at    time.Time
	last  Stats
}

func newWatch(p *proxy, out *screen, o *options) *watch {
	w := &watch{out: out, began: time.Now(), at: time.Now(), last: p.stats()}
	if o.every > 0 {
		w.tick = time.NewTicker(o.every)
		w.C = w.tick.C
	}
	return w
}

func (w *watch) stop() {
	if w.tick != nil {
		w.tick.Stop()
	}
}

// show shows s, and what the clients have seen, if there are any.
func (w *watch) show(s Stats, l *LoadStats) {
	now := time.Now()
	v := interval{now: s, before: w.last, seconds: now.Sub(w.at).Seconds(), at: now.Sub(w.began)}
	if l != nil {
		s.Load, v.now.Load = l, l
		if v.before.Load == nil {
			v.before.Load = &LoadStats{}
		}
	}
	w.last, w.at = s, now
	w.out.draw(v.table(), v.short())
}
