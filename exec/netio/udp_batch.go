package netio

import (
	"errors"
	"fmt"
	"net"
	"syscall"

	"github.com/pushcore/pushcore/exec"
)

// errHandled is returned by reads of a socket that has a handler.
var errHandled = errors.New("the socket has a PacketConfig.Handle, which is given all that comes")

// ReadBatch waits until a packet has come, and receives as many as there are, len(ps) and
// PacketBatch at most: each into the Data of one of ps, the whole capacity of which it may
// use. They are ps[:n], and the caller's to keep or to use again.
//
// With GRO the Data should have room for 65536 bytes each.
func (c *PacketConn) ReadBatch(ps []Packet) (n int, err error) {
	co, err := c.enterRead()
	if err != nil {
		return 0, c.fail("read", err)
	}
	defer c.in.leave()
	for {
		n, err = c.receiveBatch(ps)
		if err == errAgain {
			if err = c.awaitRead(co); err == nil {
				continue
			}
		}
		return n, c.fail("read", err)
	}
}

// enterRead begins a read.
func (c *PacketConn) enterRead() (*exec.Co, error) {
	if c.cfg.Handle != nil {
		return nil, errHandled
	}
	return c.enter(&c.in)
}

// awaitRead waits until something may have come.
func (c *PacketConn) awaitRead(co *exec.Co) error {
	for !c.in.may {
		if c.quiet {
			return ErrDraining
		}
		if err := c.wait(co, &c.in); err != nil {
			return err
		}
		if err := c.usable(&c.in); err != nil {
			return err
		}
	}
	return nil
}

// receiveBatch receives what there is, or returns errAgain.
func (c *PacketConn) receiveBatch(ps []Packet) (int, error) {
	if len(ps) == 0 {
		return 0, nil
	}
	m := &c.r.packets.calls
	m.make(false)
	ps = ps[:min(len(ps), PacketBatch)]
	for i := range ps {
		m.buffer(i, ps[i].Data[:cap(ps[i].Data)])
	}
	m.expect(len(ps), c.cfg.GRO)
	n, err := c.receive(m, len(ps))
	for i := range n {
		m.unpack(i, &ps[i], ps[i].Data[:cap(ps[i].Data)])
		c.r.packetIn(&ps[i])
	}
	m.forget(len(ps))
	return n, err
}

// receive receives up to n messages into m, or returns errAgain.
func (c *PacketConn) receive(m *messages, n int) (int, error) {
	if !c.in.may {
		return 0, errAgain
	}
	for {
		got, errno := m.receive(c.fd, n)
		c.r.counters[cReads]++
		switch errno {
		case 0:
			if got < n { // that is all that there is. What comes later is an event
				c.in.may = false
			}
			return got, nil
		case syscall.EAGAIN:
			c.in.may = false
			return 0, errAgain
		case syscall.EINTR:
		default:
			return 0, sysError("recvmmsg", errno)
		}
	}
}

// WriteBatch sends all of ps, in order, and waits while the kernel takes no more. When a
// packet cannot be sent, that is ps[n] and those behind it have not been tried: whoever wants
// these to be sent goes on with ps[n+1:], unless the error is one of the socket as a whole
// (net.ErrClosed, os.ErrDeadlineExceeded, or that of a wait that has ended early).
//
// On a connected socket ECONNREFUSED may be about an earlier packet, which is known to be
// lost now; ps[n] has not been sent then, either, and may be tried again.
func (c *PacketConn) WriteBatch(ps []Packet) (n int, err error) {
	co, err := c.enter(&c.out)
	if err != nil {
		return 0, c.fail("write", err)
	}
	defer c.out.leave()
	for n < len(ps) {
		m, err := c.sendBatch(ps[n:])
		n += m
		if err == errAgain {
			c.r.counters[cHeld]++
			err = c.await(co, &c.out)
		}
		if err != nil {
			return n, c.fail("write", err)
		}
	}
	return n, nil
}

// TryWriteBatch is WriteBatch that does not wait, and may be called by anything on the loop:
// it returns how many of ps the kernel has taken, 0 while a write is under way.
func (c *PacketConn) TryWriteBatch(ps []Packet) (n int, err error) {
	if !c.r.l.OnLoop() {
		return 0, c.fail("write", ErrNotOnLoop)
	}
	if err := c.usable(&c.out); err != nil {
		return 0, c.fail("write", err)
	}
	for n < len(ps) && !c.out.busy {
		m, err := c.sendBatch(ps[n:])
		n += m
		if err == errAgain {
			break
		}
		if err != nil {
			return n, c.fail("write", err)
		}
	}
	return n, nil
}

// sendBatch sends some of ps, one at least. The error is about the first, or errAgain.
func (c *PacketConn) sendBatch(ps []Packet) (int, error) {
	if !c.out.may {
		return 0, errAgain
	}
	m := &c.r.packets.calls
	m.make(false)
	ps = ps[:min(len(ps), PacketBatch)]
	for i := range ps {
		err := c.sendable(&ps[i])
		if err != nil && i == 0 {
			return 0, err
		}
		if err != nil {
			ps = ps[:i]
			break
		}
		m.pack(i, &ps[i])
	}
	defer m.forget(len(ps))
	for {
		n, errno := m.send(c.fd, 0, len(ps))
		c.r.counters[cWrites]++
		switch errno {
		case 0:
			for i := range n {
				c.r.packetOut(ps[i].count(), len(ps[i].Data))
			}
			return n, nil
		case syscall.EAGAIN:
			c.full()
			return 0, errAgain
		case syscall.EINTR:
		default:
			c.r.counters[cPacketErrors]++
			return 0, sysError("sendmmsg", errno)
		}
	}
}

// sendable returns what is wrong with a packet.
func (c *PacketConn) sendable(p *Packet) error {
	switch connected := c.ends.remote.IsValid(); {
	case connected && p.Addr.IsValid() && p.Addr != c.ends.remote:
		return net.ErrWriteToConnected
	case !connected && !p.Addr.IsValid():
		return &net.AddrError{Err: "a packet needs an address, because the socket is not connected", Addr: ""}
	case p.Segment < 0 || p.Segment > maxPacket:
		return fmt.Errorf("Packet.Segment is %d: it must be from 1 to %d, or 0 for one datagram", p.Segment, maxPacket-1)
	}
	return nil
}
