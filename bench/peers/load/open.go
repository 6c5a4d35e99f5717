//go:build linux

package main

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/pushcore/pushcore/bench/internal/measure"
)

// The open loop: request i is due at start + i/rate, whatever has become of those before it, and its age counts from
// then, whether it could be sent then or not. Who is held up leaves out nothing that would have been late.
//
// One thread does everything, and never sleeps: it looks what has come, sends what is due, and gives the cpu away for a
// moment if there was nothing to do: a proxy's upstream shares it. What it is late itself it reports beside the ages.

// The units of the client's own lateness: from when a request was due, and its connection had room, until it was sent.
const (
	lateP50 = "late-p50-ns"
	lateP99 = "late-p99-ns"
)

// open is a run of the open loop. All times are ns since start.
type open struct {
	task
	dialect
	flows  []*flow
	poll   int // epoll
	events []unix.EpollEvent

	start time.Time
	gap   float64 // between two requests, in ns
	n     int     // requests, in all
	next  int     // the first that is not due yet
	left  int     // those that were due, and are not answered, lost or refused
	warm  int64   // what is due before then does not count
	held  bool    // the kernel has refused to take something for now

	ages, late    *ages.Times
	items, bytes  uint64
	lost, refused uint64
	last          int64 // when the last one that counts was answered
}

// openLoop returns a mode that speaks a dialect.
func openLoop(speak func(task) (dialect, error)) func(task) (report, error) {
	return func(t task) (report, error) {
		if t.rate <= 0 || t.limit <= 0 || t.queue < 1 {
			return report{}, fmt.Errorf("-rate %v, -limit %v and -queue %d must be positive", t.rate, t.limit, t.queue)
		}
		d, err := speak(t)
		if err != nil {
			return report{}, err
		}
		o, err := newOpen(t, d)
		if err != nil {
			return report{}, err
		}
		defer o.close()
		if err := o.run(); err != nil {
			return report{}, err
		}
		return o.report(), nil
	}
}

// newOpen opens all flows.
func newOpen(t task, d dialect) (o *open, err error) {
	o = &open{task: t, dialect: d, gap: 1e9 / t.rate, n: max(1, int(t.rate*t.span.Seconds())),
		warm: int64(t.span / 16), ages: ages.NewTimes(), late: ages.NewTimes(), events: make([]unix.EpollEvent, 256)}
	if o.poll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, err
	}
	for i := range t.conns {
		f, err := newFlow(t, d)
		if err == nil {
			o.flows = append(o.flows, f)
			err = unix.EpollCtl(o.poll, unix.EPOLL_CTL_ADD, f.fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(i)})
		}
		if err != nil {
			o.close()
			return nil, fmt.Errorf("connection %d: %w", i, err)
		}
	}
	return o, nil
}

func (o *open) close() {
	for _, f := range o.flows {
		_ = unix.Close(f.fd)
	}
	_ = unix.Close(o.poll)
}

func (o *open) now() int64 { return int64(time.Since(o.start)) }

// run goes on until all requests were due, and each is answered or has been given up.
func (o *open) run() error {
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // nothing below allocates
	o.start = time.Now()
	end := o.due(o.n-1) + int64(o.limit)
	for o.next < o.n || o.left > 0 && o.now() < end {
		busy, err := o.turn()
		if err != nil {
			return err
		}
		if !busy {
			measure.Yield()
		}
	}
	for _, f := range o.flows {
		for k := f.done; k < f.added; k++ {
			o.lose(f.due[f.at(k)])
		}
	}
	return nil
}

func (o *open) due(i int) int64 { return int64(float64(i) * o.gap) }

// turn receives what has come and sends what is due. It says whether there was anything.
func (o *open) turn() (busy bool, err error) {
	n, err := unix.EpollWait(o.poll, o.events, 0)
	if err != nil && !errors.Is(err, unix.EINTR) {
		return false, err
	}
	for _, e := range o.events[:max(n, 0)] {
		if err := o.receive(o.flows[e.Fd]); err != nil {
			return false, fmt.Errorf("connection %d: %w", e.Fd, err)
		}
	}
	first := o.next
	for now := o.now(); o.next < o.n && o.due(o.next) <= now; o.next++ {
		if o.flows[o.next%len(o.flows)].add(o.due(o.next)) {
			o.left++
		} else {
			o.refuse(o.due(o.next))
		}
	}
	from, to := first, min(o.next, first+len(o.flows))
	if o.held {
		from, to = 0, len(o.flows)
	}
	o.held = false
	for i := from; i < to; i++ {
		f := o.flows[i%len(o.flows)]
		if o.packets {
			o.expire(f)
		}
		if err := o.send(f); err != nil {
			return false, fmt.Errorf("connection %d: %w", i%len(o.flows), err)
		}
	}
	return n > 0 || o.next > first, nil
}

// counts says whether what was due then is more than warm-up.
func (o *open) counts(due int64) bool { return due >= o.warm }

// answer notes an answer that has come now. One that took too long is lost, and as old as it is.
func (o *open) answer(due, now int64) {
	o.left--
	if !o.counts(due) {
		return
	}
	o.ages.Add(time.Duration(now - due))
	o.last = now
	if now-due > int64(o.limit) {
		o.lost++
		return
	}
	o.items++
	o.bytes += uint64(o.length)
}

// lose notes that there will be no answer: that took the limit at least.
func (o *open) lose(due int64) {
	if due == answered {
		return
	}
	o.left--
	if o.counts(due) {
		o.ages.Add(o.limit)
		o.lost++
	}
}

// refuse notes that there was no room for a request to wait in.
func (o *open) refuse(due int64) {
	if o.counts(due) {
		o.ages.Add(o.limit)
		o.refused++
	}
}

func (o *open) report() report {
	planned := (float64(o.n) - math.Ceil(float64(o.warm)/o.gap)) * o.gap
	took := max(planned, float64(o.last-o.warm))
	all := float64(max(1, o.items+o.lost+o.refused))
	ms := append(o.ages.Metrics(), o.ages.Tail()...)
	ms = append(ms,
		measure.Metric{Value: o.rate, Unit: ages.Rate},
		measure.Metric{Value: 100 * float64(o.items) / all * planned / took, Unit: ages.Achieved},
		measure.Metric{Value: 100 * float64(o.lost+o.refused) / all, Unit: "%lost"},
		measure.Metric{Value: o.late.Quantile(50), Unit: lateP50},
		measure.Metric{Value: o.late.Quantile(99), Unit: lateP99})
	return report{Items: o.items, Bytes: o.bytes, Lost: o.lost, Refused: o.refused, Seconds: took / 1e9, Metrics: ms}
}
