package netio

import (
	"fmt"
	"net"
	"sync"

	"github.com/pushcore/pushcore/exec"
)

// Outside returns a net.Conn over c for code that blocks, and so must not run on the loop: a
// library on a goroutine of its own, or within [exec.Blocking]. Its Read, Write and CloseWrite
// may be called by any goroutine but those of a loop, where they return exec.ErrOnLoop. Each is
// carried out by a coroutine of c's loop while the caller waits: that is a wake of the loop and
// one of the caller, some microseconds if both are awake and some tens if they sleep. So it is
// for few and large operations; put a bufio.Reader and Writer on it.
//
// One Read and one Write of this kind are under way at once; further callers wait their turn.
// All else is as with c: Close, deadlines, errors. They go on in a drain, and when the Exec
// ends they return net.ErrClosed. Outside itself is called on the loop.
func (c *Conn) Outside() net.Conn { return newOutside(c, c) }

// Outside is that of a Conn.
func (t *TLSConn) Outside() net.Conn { return newOutside(t.c, t) }

// stream is a Conn, or a TLSConn.
type stream interface {
	net.Conn
	CloseWrite() error
}

// outside is a connection as other goroutines see it.
type outside struct {
	stream       // Close, the setters of deadlines and the addresses are for any goroutine
	read, write  errand
	closingWrite errand
}

func newOutside(c *Conn, s stream) *outside {
	o := &outside{stream: s}
	o.read.init(c, "read", s.Read)
	o.write.init(c, "write", s.Write)
	o.closingWrite.init(c, "close", func([]byte) (int, error) { return 0, s.CloseWrite() })
	return o
}

func (o *outside) Read(b []byte) (int, error)  { return o.read.run(b) }
func (o *outside) Write(b []byte) (int, error) { return o.write.run(b) }

// CloseWrite closes the writing side, behind a Write that is under way.
func (o *outside) CloseWrite() error {
	o.write.mu.Lock()
	defer o.write.mu.Unlock()
	_, err := o.closingWrite.run(nil)
	return err
}

// errand is an operation that the loop carries out for another goroutine, and is used again
// for the next one.
type errand struct {
	mu    sync.Mutex // held by whose operation it is, never on a loop
	c     *Conn
	op    string
	waker *exec.Waker
	do    func(b []byte) (int, error)
	carry func(co *exec.Co)

	// They are the caller's, from the wake on the loop's, and the caller's again when it has
	// been told by done, or the Reactor has ended.
	b    []byte
	n    int
	err  error
	done chan struct{} // of capacity 1: the loop never waits
}

func (e *errand) init(c *Conn, op string, do func([]byte) (int, error)) {
	e.c, e.op, e.do, e.carry = c, op, do, e.carryOut
	e.waker = exec.NewWaker(c.r.l, e)
	e.done = make(chan struct{}, 1)
}

// run hands the operation over and waits for it.
func (e *errand) run(b []byte) (int, error) {
	if exec.OnLoop() {
		return 0, e.c.fail(e.op, exec.ErrOnLoop)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	select {
	case <-e.c.r.ended:
		return 0, e.c.fail(e.op, net.ErrClosed)
	default:
	}
	e.b = b
	e.waker.Wake()
	select {
	case <-e.done:
	case <-e.c.r.ended: // and with it all coroutines
		select {
		case <-e.done: // it was just in time
		default:
			return 0, e.c.fail(e.op, net.ErrClosed)
		}
	}
	e.b = nil
	return e.n, e.err
}

// Run starts the operation, on the loop.
func (e *errand) Run(l *exec.Local) {
	if err := l.Go(e.carry); err != nil {
		e.n, e.err = 0, e.c.fail(e.op, fmt.Errorf("no coroutine for it: %w", err))
		e.done <- struct{}{}
	}
}

func (e *errand) carryOut(*exec.Co) {
	returned := false
	defer func() {
		if !returned { // a panic that the Exec survives
			e.n, e.err = 0, e.c.fail(e.op, net.ErrClosed)
		}
		e.done <- struct{}{}
	}()
	e.n, e.err = e.do(e.b)
	returned = true
}
