package http1

import (
	"sync/atomic"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/ring"
)

// pipe carries bytes between a coroutine and a goroutine: a ring, and for each end a way to
// wake it. The goroutine sleeps at the bell, the coroutine at the Signal of its call.
type pipe struct {
	ring  *ring.SPSC[byte]
	bell  bell
	waker *exec.Waker           // of the call
	fault atomic.Pointer[error] // there is nothing more to come, or to be taken: why
}

func newPipe(size int) *pipe {
	return &pipe{ring: ring.NewSPSC[byte](size), bell: bell{c: make(chan struct{}, 1)}}
}

// fail ends the pipe. What is in it can still be read.
func (p *pipe) fail(err error) {
	p.fault.CompareAndSwap(nil, &err)
	p.bell.ring()
}

func (p *pipe) error() error {
	if e := p.fault.Load(); e != nil {
		return *e
	}
	return nil
}

// put implements sink, for a goroutine: it waits for room. The coroutine is woken when the
// pipe is half full: what is written in small pieces leaves in larger ones.
func (p *pipe) put(b []byte) error {
	for {
		if err := p.error(); err != nil {
			return err
		}
		b = b[p.ring.PushBatch(b):]
		if len(b) == 0 {
			break
		}
		p.waker.Wake()
		p.bell.wait()
	}
	if p.ring.Free() <= p.ring.Cap()/2 {
		p.waker.Wake()
	}
	return nil
}

// flush implements sink. That the other end has sent everything is not waited for.
func (p *pipe) flush() error {
	p.waker.Wake()
	return p.error()
}

// get reads into b, for a goroutine: it waits until there is something.
func (p *pipe) get(b []byte) (int, error) {
	for {
		err := p.error() // before the look: what came before the end is there to be seen
		if n := p.ring.PopBatch(b); n > 0 {
			p.waker.Wake()
			return n, nil
		}
		if err != nil {
			return 0, err
		}
		p.bell.wait()
	}
}

// bell wakes one goroutine. Rings that nobody has answered yet are one.
type bell struct {
	rung atomic.Bool // set by who rings first; cleared by who was woken, before he looks
	c    chan struct{}
}

// ring never blocks: c has room for the one token that there is. The Swap is a full fence, as
// a look at the channel would not be: what was published before it is seen by whoever it wakes.
func (b *bell) ring() {
	if !b.rung.Swap(true) {
		b.c <- struct{}{}
	}
}

func (b *bell) wait() {
	<-b.c
	b.rung.Swap(false)
}
