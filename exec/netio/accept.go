package netio

import (
	"net"
	"net/netip"
	"syscall"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// acceptBudget is how many connections a Listener accepts per turn.
const acceptBudget = 64

// lastAccepts is how many a Listener accepts, at most, when it is closed: as many as wait in the
// kernel by default (net.core.somaxconn).
const lastAccepts = 4096

// acceptPause is how long a Listener pauses when there is no descriptor left for a
// connection, not even to refuse it, or the network is not as it should be.
const acceptPause = 10 * time.Millisecond

// ready implements file.
func (ln *Listener) ready(flags uint32) {
	if flags != 0 {
		ln.may = true
	} else {
		ln.queued = false
	}
	if ln.cfg.Handle == nil && ln.cfg.Dispatch == nil {
		ln.signal.WakeAll()
		return
	}
	more := true
	defer func() { // also if a Dispatch or Refuse panics
		if more && !ln.queued {
			ln.queued = true
			ln.r.again.add(ln)
		}
	}()
	for range acceptBudget {
		if ln.closed || ln.pause.Armed() {
			more = false
			return
		}
		fd, peer, err := ln.take()
		if err == errAgain {
			more = false
			return
		}
		if err == nil {
			ln.welcome(fd, peer)
		}
	}
}

// takeLast takes in what waits in the kernel, if there is anybody to serve it.
func (ln *Listener) takeLast() {
	if ln.r.draining || ln.cfg.Handle == nil && ln.cfg.Dispatch == nil {
		return
	}
	ln.may = true // the event may still be on its way
	for range lastAccepts {
		if ln.pause.Armed() {
			return
		}
		fd, peer, err := ln.take()
		if err == errAgain {
			return
		}
		if err == nil {
			ln.welcome(fd, peer)
		}
	}
}

// take accepts one connection. Errors other than errAgain are settled.
func (ln *Listener) take() (fd int, peer netip.AddrPort, err error) {
	if !ln.may {
		return -1, peer, errAgain
	}
	r := ln.r
	fd, peer, errno := sysAccept(ln.fd)
	switch errno {
	case 0:
		r.counters[cAccepted]++
		return fd, peer, nil
	case syscall.EAGAIN:
		ln.may = false
		return -1, peer, errAgain
	case syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM:
		r.counters[cNoDescriptors]++
		ln.exhausted(errno)
	case syscall.EINTR:
	case syscall.ECONNABORTED, syscall.EPROTO, syscall.EPERM: // this connection is gone
		r.counters[cAcceptErrors]++
	default: // the network, perhaps, and for how long nobody knows
		r.counters[cAcceptErrors]++
		ln.rest()
	}
	return -1, peer, errno
}

// exhausted makes room to refuse a connection for which there is no descriptor: left alone
// it would wait until its client gives up. If even that fails the listener pauses.
func (ln *Listener) exhausted(errno syscall.Errno) {
	r := ln.r
	if r.spare >= 0 && (errno == syscall.EMFILE || errno == syscall.ENFILE) {
		closeFD(r.spare)
		fd, _, again := sysAccept(ln.fd)
		if again == 0 {
			r.counters[cAccepted]++
			r.counters[cRefused]++
			closeFD(fd)
		}
		if r.spare = openSpare(); r.spare >= 0 && again == 0 {
			return
		}
	}
	ln.rest()
}

// rest pauses. Without a timer for it the listener goes on when the next connection comes.
func (ln *Listener) rest() {
	timer, ok := ln.r.l.After(acceptPause, (*resume)(ln))
	if ok {
		ln.pause = timer
	} else {
		ln.may = false
	}
}

// resume is a Listener as the task of its pause.
type resume Listener

// Run lets the listener go on.
func (e *resume) Run(*exec.Local) {
	ln := (*Listener)(e)
	ln.pause = exec.Timer{}
	if ln.r.spare < 0 {
		ln.r.spare = openSpare()
	}
	if !ln.closed {
		ln.ready(readable)
	}
}

// endsOf returns the addresses of a connection that was accepted.
func (ln *Listener) endsOf(fd int, peer netip.AddrPort) ends {
	e := ln.ends
	e.remote = peer
	if ln.anyAddr {
		e.local = localAddrPort(fd)
	}
	return e
}

// welcome does what is to be done with a connection.
func (ln *Listener) welcome(fd int, peer netip.AddrPort) {
	if ln.cfg.Dispatch != nil {
		ln.r.counters[cDispatched]++
		ln.cfg.Dispatch(ln.r.l, Accepted{fd: fd, kind: ln.kind, ends: ln.endsOf(fd, peer)})
		return
	}
	_ = ln.serve(Accepted{fd: fd, kind: ln.kind, ends: ln.endsOf(fd, peer)})
}

// Accept waits for the next connection and returns it, as a *Conn. It is for coroutines of
// the loop, and for listeners without Handle and Dispatch. The error is net.ErrClosed after
// Close.
func (ln *Listener) Accept() (net.Conn, error) {
	for {
		co := ln.r.l.Current()
		err := error(nil)
		switch {
		case co == nil:
			err = ErrNotOnLoop
		case ln.closed:
			err = net.ErrClosed
		case ln.pause.Armed() || !ln.may:
			ln.row = 0
			err = ln.signal.Wait(co)
		case ln.row >= acceptBudget || ln.row >= fewRow && ln.r.l.ShouldYield():
			ln.row = 0
			err = co.Yield()
		default:
			fd, peer, failed := ln.take()
			if failed == nil {
				c, failed := ln.conn(Accepted{fd: fd, kind: ln.kind, ends: ln.endsOf(fd, peer)})
				if failed == nil {
					ln.row++
					return c, nil
				}
			}
			ln.row = 0
			err = co.Yield() // there may be many more of this kind
		}
		if err != nil {
			return nil, &net.OpError{Op: "accept", Net: ln.kind.String(), Addr: ln.Addr(), Err: err}
		}
	}
}
