package main

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/pushcore/pushcore/exec/place"
	"github.com/pushcore/pushcore/group"
)

// sendBatch is how many packets of a file are sent at once: enough to pay for moving a lane's index
// line between two cores once per batch, few enough for the worker to start early.
const sendBatch = 64

// reader is the reading side: one goroutine, on an ordinary thread.
type reader struct {
	src   source
	stop  *stopper
	slab  *slab
	to    *group.Producer[item]
	dead  <-chan struct{} // closed when the group has ended
	in    *intake
	batch int // packets to collect before sending
	held  [sendBatch]item
	n     int    // of held
	waits uint64 // times that no slot was free
}

// newReader returns a reader of src. A live source's packets are sent one by one: the next may be
// long in coming, and a worker that falls behind finds batches all the same.
func newReader(src source, stop *stopper, s *slab, to *group.Producer[item], dead <-chan struct{}) *reader {
	r := &reader{src: src, stop: stop, slab: s, to: to, dead: dead, in: &intake{}, batch: sendBatch}
	if src.live() {
		r.batch = 1
	}
	return r
}

// errEnded says that the workers are gone while there is still something to send.
var errEnded = errors.New("the workers ended before the packets did")

// loop reads until the source ends or stop says so, and sends the last packets.
func (r *reader) loop() error {
	var p packet
	for !r.stop.now() {
		if err := r.src.next(&p); err != nil {
			return cmp.Or(r.stop.verdict(err), r.flush())
		}
		if err := r.step(&p); err != nil {
			return err
		}
	}
	return r.flush()
}

// step sends one packet on its way.
func (r *reader) step(p *packet) error {
	hash, need := peek(p.link, p.data)
	slot, ok := r.slab.take()
	if !ok {
		var err error
		if slot, err = r.wait(); err != nil {
			return err
		}
	}
	r.in.add(p)
	r.slab.put(slot, p.data[:need])
	r.held[r.n] = item{
		ts: p.ts, slot: slot, wire: p.wire, hash: shortHash(hash),
		n: uint16(need), link: p.link, tagged: p.tagged,
	}
	if r.n++; r.n < r.batch {
		return nil
	}
	return r.flush()
}

// wait returns a slot as soon as a worker gives one back.
func (r *reader) wait() (slot uint32, err error) {
	if err := r.flush(); err != nil {
		return 0, err
	}
	r.waits++
	for try := 0; ; try++ {
		if slot, ok := r.slab.take(); ok {
			return slot, nil
		}
		if err := r.pause(try); err != nil {
			return 0, err
		}
	}
}

// pause lets some time pass between two looks at what a worker has to do first.
func (r *reader) pause(try int) error {
	select {
	case <-r.dead:
		return errEnded
	default:
	}
	if try < 20 {
		runtime.Gosched()
	} else {
		time.Sleep(20 * time.Microsecond)
	}
	return nil
}

// flush sends what is held. The group refuses what its balancer or a lane has no room for now, and
// leaves it, in order, at the front.
func (r *reader) flush() error {
	for try := 0; r.n > 0; try++ {
		rest, err := r.to.SendBatch(r.held[:r.n])
		r.n = len(rest)
		if r.n == 0 {
			r.slab.claim(r.batch)
			return nil
		}
		if !errors.Is(err, group.ErrFull) {
			return fmt.Errorf("%w: %w", errEnded, err)
		}
		if err := r.pause(try); err != nil {
			return err
		}
	}
	return nil
}

// keepOff keeps the calling goroutine off the workers' cpus, if there are others: a scheduler that
// puts the reader next to a spinning worker halves the speed of both. The goroutine ends locked to
// its thread, so that the thread, and its mask, end with it.
func keepOff(workers place.Set) {
	allowed, err := place.Allowed()
	if err != nil || len(workers) == 0 {
		return
	}
	var rest []int
	for _, cpu := range allowed {
		if !workers.Contains(cpu) {
			rest = append(rest, cpu)
		}
	}
	if len(rest) > 0 {
		runtime.LockOSThread()
		_, _ = place.Pin(place.Of(rest...)) // where it cannot be, the scheduler decides, as before
	}
}
