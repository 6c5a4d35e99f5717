package pipelines

import (
	"sync"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/internal/mem"
	"github.com/pushcore/pushcore/ring"
)

// drain is how many events a stage takes at once, at most.
const drain = measure.Drain

// batchSize is how many events a source sends at once in the rows that have batches.
const batchSize = 32

// outlet is where events go.
type outlet interface {
	// put sends vs, waiting for room, and has them visible when it returns.
	put(w *measure.Poll, vs []event)
}

// edge is a queue of measure.Capacity events from one stage to the next.
type edge interface {
	outlet
	// take waits for events and returns at most most of them. They are valid until the next take.
	take(w *measure.Poll, most int) []event
}

// transport makes an edge with so many senders, who put at most batch at once.
type transport func(senders, batch int) edge

// pushes is the sending end of a ring or a lane.
type pushes interface {
	Push(event) bool
	PushBatch([]event) int
}

func putAll[P pushes](to P, w *measure.Poll, vs []event) {
	if len(vs) == 1 {
		for !to.Push(vs[0]) {
			w.Took(0, 1)
		}
	} else {
		for vs = vs[to.PushBatch(vs):]; len(vs) > 0; vs = vs[to.PushBatch(vs):] {
			w.Took(0, 1)
		}
	}
	w.Took(1, 1)
}

// ringEdge is a ring of package ring.
type ringEdge[R interface {
	pushes
	PopBatch([]event) int
}] struct {
	r   R
	buf []event // the receiver's
}

func openRing(senders, _ int) edge {
	if senders == 1 {
		return &ringEdge[*ring.SPSC[event]]{ring.NewSPSC[event](measure.Capacity), make([]event, drain)}
	}
	return &ringEdge[*ring.MPSC[event]]{ring.NewMPSC[event](measure.Capacity), make([]event, drain)}
}

func (e *ringEdge[R]) put(w *measure.Poll, vs []event) { putAll(e.r, w, vs) }

func (e *ringEdge[R]) take(w *measure.Poll, most int) []event {
	for most = min(most, drain); ; {
		n := e.r.PopBatch(e.buf[:most])
		if w.Took(n, most); n > 0 {
			return e.buf[:n]
		}
	}
}

// channelEdge is a buffered channel, which knows no batches.
type channelEdge struct {
	ch  chan event
	buf []event // the receiver's
}

func openChannel(int, int) edge {
	return &channelEdge{make(chan event, measure.Capacity), make([]event, 1)}
}

func (e *channelEdge) put(_ *measure.Poll, vs []event) {
	for _, v := range vs {
		e.ch <- v
	}
}

func (e *channelEdge) take(*measure.Poll, int) []event {
	e.buf[0] = <-e.ch
	return e.buf
}

// batchChannelEdge is a buffered channel of whole batches.
type batchChannelEdge struct {
	ch   chan parcel
	_    mem.Pad
	got  parcel // the receiver's
	rest []event
}

// parcel is a batch by value: nothing is allocated.
type parcel struct {
	n  int
	vs [batchSize]event
}

func openBatchChannel(int, int) edge {
	return &batchChannelEdge{ch: make(chan parcel, measure.Capacity/batchSize)}
}

func (e *batchChannelEdge) put(_ *measure.Poll, vs []event) {
	for len(vs) > 0 {
		var p parcel
		p.n = copy(p.vs[:], vs)
		vs = vs[p.n:]
		e.ch <- p
	}
}

func (e *batchChannelEdge) take(_ *measure.Poll, most int) (vs []event) {
	if len(e.rest) == 0 {
		e.got = <-e.ch
		e.rest = e.got.vs[:e.got.n]
	}
	n := min(most, len(e.rest))
	vs, e.rest = e.rest[:n], e.rest[n:]
	return vs
}

// swapEdge is a slice under a mutex, which the receiver takes whole, leaving the one that it has read in its place.
type swapEdge struct {
	sync.Mutex
	vs   []event
	_    mem.Pad
	mine []event // the receiver's
	rest []event // of mine
}

func openSwap(int, int) edge {
	return &swapEdge{vs: make([]event, 0, measure.Capacity), mine: make([]event, 0, measure.Capacity)}
}

func (e *swapEdge) put(w *measure.Poll, vs []event) {
	for {
		e.Lock()
		n := min(len(vs), measure.Capacity-len(e.vs))
		e.vs = append(e.vs, vs[:n]...)
		e.Unlock()
		if vs = vs[n:]; len(vs) == 0 {
			break
		}
		w.Took(0, 1)
	}
	w.Took(1, 1)
}

func (e *swapEdge) take(w *measure.Poll, most int) (vs []event) {
	for len(e.rest) == 0 {
		e.Lock()
		e.mine, e.vs = e.vs, e.mine[:0]
		e.Unlock()
		e.rest = e.mine
		w.Took(len(e.rest), drain)
	}
	n := min(most, len(e.rest))
	vs, e.rest = e.rest[:n], e.rest[n:]
	return vs
}
