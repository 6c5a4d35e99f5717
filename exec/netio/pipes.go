package netio

import (
	"errors"
	"io"
	"syscall"
)

// pipe is where bytes are between two splices.
type pipe struct {
	r, w int
	size int // bytes; less fits if they came in small pieces
}

// pipes are those of a Reactor: Config.MaxPipes at most, in use and not.
type pipes struct {
	free  []*pipe // the one that came back last is last
	open  int
	ended bool
}

const (
	pipeSize  = 256 << 10 // bytes, where the system allows it
	keepPipes = 8         // pipes that are kept for the next one
)

// get returns an empty pipe, or nil if there is none to be had.
func (p *pipes) get(r *Reactor) *pipe {
	if last := len(p.free) - 1; last >= 0 {
		got := p.free[last]
		p.free = p.free[:last]
		return got
	}
	if p.open < r.cfg.MaxPipes && !p.ended {
		if got, err := sysPipe(pipeSize); err == nil {
			p.open++
			return got
		}
	}
	r.counters[cNoPipe]++
	return nil
}

// put takes one back. One that is not empty is of no use any more.
func (p *pipes) put(r *Reactor, q *pipe, empty bool) {
	if empty && len(p.free) < keepPipes && !p.ended {
		p.free = append(p.free, q)
		return
	}
	q.close()
	p.open--
}

// end closes those that are not in use; the others are closed when they come back.
func (p *pipes) end() {
	p.ended = true
	for _, q := range p.free {
		q.close()
		p.open--
	}
	p.free = nil
}

func (q *pipe) close() {
	closeFD(q.r)
	closeFD(q.w)
}

// errUnfit means that the kernel cannot splice such a connection, or no more of it.
var errUnfit = errors.New("no splice")

// spliceIn moves what has come into q, which is empty. The error is errAgain if nothing has.
func (c *Conn) spliceIn(q *pipe) (int, error) {
	if c.eof {
		return 0, io.EOF
	}
	for c.in.may {
		n, errno := sysSplice(c.fd, q.w, q.size)
		c.r.counters[cReads]++
		switch {
		case errno == 0 && n == 0: // the end, or urgent data in front of it, which only a read gets past
			return 0, errUnfit
		case errno == 0:
			c.serving.moved = true
			c.received(n)
			c.r.counters[cSpliced] += uint64(n)
			return n, nil
		case errno == syscall.EAGAIN:
			c.in.may = false
		case errno == syscall.EINVAL || errno == syscall.ENOSYS || errno == syscall.EPERM:
			return 0, errUnfit
		case errno != syscall.EINTR:
			return 0, c.fail("read", sysError("splice", errno))
		}
	}
	return 0, errAgain
}

// spliceOut moves up to n bytes out of q, where they are.
func (c *Conn) spliceOut(q *pipe, n int) (int, error) {
	for c.out.may {
		m, errno := sysSplice(q.r, c.fd, n)
		c.r.counters[cWrites]++
		if errno == 0 && m == 0 {
			return 0, io.ErrNoProgress
		}
		if errno == 0 {
			c.sent(m)
			return m, nil
		}
		if err := c.out.refused("splice", errno); err != nil {
			return 0, err
		}
	}
	return 0, errAgain
}
