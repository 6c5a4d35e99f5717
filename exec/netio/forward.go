package netio

import (
	"errors"
	"io"
)

// Forward copies what src receives to dst until src has no more, and returns how many bytes
// dst has taken: what a proxy does in each direction. It is for a coroutine of the Exec that
// both belong to. At the end of src it returns nil and leaves both open: the proxy goes on
// with dst.CloseWrite. An error is a *net.OpError: with the Op "read" it is about src, and
// with "write" about dst; what src had received and dst has not taken is lost then.
//
// What Peek has read of src comes first. Nothing else can read src or write to dst before
// Forward is over. A drain does not end it: only those who speak know when they are done.
//
// Forward holds a buffer only while it has bytes in hand, and no more of them than the buffer
// has room for: a dst that is slow makes src slow. It begins by reading and writing. When much
// comes at once it moves bytes by splice(2), through a pipe of the Reactor's (Config.MaxPipes),
// and turns back when little does.
func Forward(dst, src *Conn) (n int64, err error) {
	return (&forward{dst: dst, src: src}).run()
}

func (f *forward) run() (n int64, err error) {
	dst, src := f.dst, f.src
	co, err := src.enter(&src.in)
	if err != nil {
		return 0, src.fail("read", err)
	}
	defer src.in.leave()
	if dst.r != src.r {
		return 0, dst.fail("write", errForeign)
	}
	if _, err := dst.enter(&dst.out); err != nil {
		return 0, dst.fail("write", err)
	}
	defer dst.out.leave()
	switch {
	case src.tls != nil:
		return 0, src.fail("read", errUnderTLS)
	case dst.tls != nil:
		return 0, dst.fail("write", errUnderTLS)
	}
	defer f.letGo()
	f.takePeeked()
	for {
		err := f.step()
		switch {
		case err == nil && f.row >= forwardRow:
			f.row = 0
			err = src.fail("read", co.Yield())
		case err == errAgain && f.have > 0:
			dst.r.counters[cHeld]++
			f.row = 0
			err = dst.fail("write", dst.await(co, &dst.out))
		case err == errAgain:
			f.letGo() // nothing is in it
			f.row = 0
			err = src.fail("read", src.await(co, &src.in))
		case err == io.EOF:
			return f.n, nil
		}
		if err == nil {
			err = f.usable()
		}
		if err != nil {
			return f.n, err
		}
	}
}

// errForeign is returned for connections that do not belong to one Reactor.
var errForeign = errors.New("the connections belong to two Execs, and Forward works on one")

// errUnderTLS is returned for connections whose bytes are those of a TLSConn.
var errUnderTLS = errors.New("there is a TLSConn over the connection: io.Copy forwards what that reads")

// forwardRow is how many bytes are forwarded before everything else has its turn, if nobody
// has to wait.
const forwardRow = 256 << 10

// When to turn to splice and back. What splice gains is not to copy. It costs a system call
// more, for the answer that there is no more, and pages that hold little.
const (
	manyFull  = 2        // buffers in a row that were full
	manySmall = 4        // splices in a row that have moved
	small     = 16 << 10 // less than this
)

// forward is one Forward.
type forward struct {
	dst, src *Conn
	n        int64 // bytes that dst has taken
	row      int   // of these, since somebody last waited
	have     int   // bytes in hand: the next ones for dst. They are in
	buf      []byte
	at       int   // buf[at:], or in
	pipe     *pipe // if that is not nil
	splice   bool  // it is time for splice
	streak   int   // chunks in a row that speak for the other way
}

// usable returns why it must not go on.
func (f *forward) usable() error {
	if err := f.dst.usable(&f.dst.out); err != nil {
		return f.dst.fail("write", err)
	}
	if f.have > 0 {
		return nil
	}
	return f.src.fail("read", f.src.usable(&f.src.in))
}

// step moves some bytes, as far as that needs no wait. The error is errAgain if one is
// needed, and io.EOF at the end of src.
func (f *forward) step() error {
	if f.have > 0 {
		return f.write()
	}
	return f.read()
}

// takePeeked takes what Peek has read in hand, with its buffer.
func (f *forward) takePeeked() {
	src := f.src
	if src.Buffered() == 0 {
		src.release()
		return
	}
	f.buf, f.at, f.have = src.buf[:src.end], src.at, src.end-src.at
	src.buf, src.at, src.end = nil, 0, 0
}

// read takes something in hand.
func (f *forward) read() (err error) {
	src := f.src
	if src.wary { // a splice may stop for good in front of urgent data
		f.copyOnly()
	}
	if f.splice && f.takePipe() {
		f.have, err = src.spliceIn(f.pipe)
		f.judge(f.have < small, manySmall)
		if err == errUnfit {
			f.copyOnly()
			return nil
		}
		return err
	}
	if f.buf == nil {
		f.buf = src.r.buffers.get()
	}
	f.buf, f.at = f.buf[:cap(f.buf)], 0
	f.have, err = src.receive(f.buf)
	f.buf = f.buf[:f.have]
	f.judge(f.have == cap(f.buf), manyFull)
	return err
}

// copyOnly turns away from splice, for good, while nothing is in hand.
func (f *forward) copyOnly() {
	if f.pipe != nil {
		f.letGo()
	}
	f.splice, f.streak = false, -1<<30
}

// judge looks at how much has come: other speaks for the other way to do it.
func (f *forward) judge(other bool, many int) {
	switch {
	case f.have == 0: // that there is no more says nothing
	case !other:
		f.streak = min(f.streak, 0)
	default:
		if f.streak++; f.streak >= many {
			f.splice, f.streak = !f.splice, 0
		}
	}
}

// write gives some of what is in hand to dst.
func (f *forward) write() error {
	var n int
	var err error
	if f.pipe != nil {
		n, err = f.dst.spliceOut(f.pipe, f.have)
	} else {
		n, err = f.dst.send(f.buf[f.at : f.at+f.have])
	}
	f.at += n
	f.have -= n
	f.n += int64(n)
	f.row += n
	if err != nil && err != errAgain {
		err = f.dst.fail("write", err)
	}
	if f.have == 0 && !f.splice == (f.pipe != nil) {
		f.letGo() // the other way is next
	}
	return err
}

// takePipe gets a pipe, if there is none, in the place of the buffer.
func (f *forward) takePipe() bool {
	if f.pipe == nil {
		if f.pipe = f.src.r.pipes.get(f.src.r); f.pipe == nil {
			return false
		}
		f.letGoBuffer()
	}
	return true
}

// letGo gives back what it has, with what is in it.
func (f *forward) letGo() {
	f.letGoBuffer()
	if f.pipe != nil {
		f.src.r.pipes.put(f.src.r, f.pipe, f.have == 0)
		f.pipe = nil
	}
}

func (f *forward) letGoBuffer() {
	if f.buf != nil {
		f.src.r.buffers.put(f.buf[:cap(f.buf)])
		f.buf = nil
	}
}
