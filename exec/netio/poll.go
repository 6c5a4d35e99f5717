package netio

import (
	"time"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/internal/mem"
)

// poller asks the kernel what has happened. There is epoll; another one needs only this.
type poller interface {
	// add watches fd for what want says (readable, writable; the rest always),
	// edge-triggered: an event is reported once, and again only when something new has
	// happened. close of fd ends it.
	add(fd int, key uint64, want uint32) error
	// change watches it for something else, and reports what is the case already.
	change(fd int, key uint64, want uint32) error
	// wait asks, and returns how many events deliver has to deliver. A timeout of 0 does not
	// block, a negative one has no limit.
	wait(timeout time.Duration) (n int)
	// deliver hands the oldest events that wait has fetched to f, max at most, and returns
	// how many. left is how many remain.
	deliver(max int, f func(key uint64, flags uint32)) (n int)
	left() int
	// wake ends a wait that blocks, or the next one. Any goroutine may call it, also after
	// close.
	wake()
	close()
}

// maxSkip is how many turns go by without a poll, at most, when polls find nothing while
// the loop is busy with other things.
const maxSkip = 3

// atOnce is how many events one turn delivers, at most. Each may start a coroutine, and these run
// when all have been started: what one event has touched is to be in the nearest cache still
// when its coroutine runs. Where neighbours use the caches too, 128 at once cost a web server with
// 500 busy connections up to 8 % more than 16; on a quiet machine from 8 to 128 cost the same.
const atOnce = 16

// source is the Reactor as its Exec sees it.
type source struct{ *Reactor }

// Poll asks the kernel once, at most, and tells the files.
func (r source) Poll(l *exec.Local, budget int) (n int) {
	r.old = true
	if r.again.any() {
		n = r.again.run()
	}
	if r.poller.left() == 0 {
		if r.skipped < r.skip {
			r.skipped++
			return n
		}
		r.skipped = 0
		r.counters[cPolls]++
		if r.poller.wait(0) == 0 {
			r.skip = min(r.skip+1, maxSkip)
			return n
		}
	}
	r.skip, r.slept = r.slept, 0
	events := r.poller.deliver(min(budget, atOnce), r.told)
	r.counters[cEvents] += uint64(events)
	return n + events
}

// dispatch tells the file that an event is about, if it is still there.
func (r *Reactor) dispatch(key uint64, flags uint32) {
	if f := r.table.get(key); f != nil {
		f.ready(flags)
	}
}

// Next implements exec.Source.
func (r source) Next() (time.Duration, bool) {
	return 0, r.poller.left() > 0 || r.again.any()
}

// Flush shows the counters, at the end of each turn. It implements exec.Flusher.
func (r source) Flush(*exec.Local) (pending bool) {
	r.show()
	return false
}

// sleeper is the Reactor as the place where its Exec sleeps.
type sleeper struct{ *Reactor }

// Sleep fetches the events that end it; the next Poll delivers them.
func (r sleeper) Sleep(timeout time.Duration) {
	r.counters[cPolls]++
	r.skip, r.skipped = 0, 0
	if r.poller.left() > 0 {
		return
	}
	began := mem.Ticks()
	r.poller.wait(timeout)
	if r.slept = 0; mem.Ticks()-began > r.nap {
		r.slept = 1
	}
}

// nap is a sleep that was none, because something had happened already. After a longer one
// the next will be one, too, as likely as not: then the poll that would come before it, and
// find nothing, is left out.
const nap = 5 * time.Microsecond

func (r sleeper) Wake() { r.poller.wake() }
