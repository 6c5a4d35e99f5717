//go:build linux

package main

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// flow is a connection, or a socket for packets, and the requests that are its own, by number: those of [done, sent)
// are under way, those of [sent, added) wait. Over TCP one is under way at a time, as with all clients that do not
// pipeline; packets are sent when they are due, and say which they are.
type flow struct {
	fd                int
	due               []int64 // a ring: when request k was due
	done, sent, added uint64

	// Over TCP.
	room int64  // when the last answer came: none is sent before
	in   []byte // an answer, and a byte by which one that is too long shows
	have int    // bytes of it

	parcel *parcel // of packets
}

// answered is when nothing is due: the answer to that packet has come.
const answered = -1

// newFlow connects, and has the socket block no more.
func newFlow(t task, d dialect) (*flow, error) {
	addr, err := ipv4(t.addr)
	if err != nil {
		return nil, err
	}
	kind := unix.SOCK_STREAM
	if d.packets {
		kind = unix.SOCK_DGRAM
	}
	fd, err := unix.Socket(unix.AF_INET, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	err = unix.Connect(fd, &unix.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()})
	if !d.packets {
		err = errors.Join(err, unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1))
	}
	if err = errors.Join(err, unix.SetNonblock(fd, true)); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	f := &flow{fd: fd, due: make([]int64, t.queue)}
	if d.packets {
		f.parcel = newParcel(d)
	} else {
		f.in = make([]byte, d.length+1)
	}
	return f, nil
}

// ipv4 parses what both clients take.
func ipv4(text string) (netip.AddrPort, error) {
	addr, err := netip.ParseAddrPort(text)
	if err != nil || !addr.Addr().Is4() {
		return addr, fmt.Errorf("-addr %q: it must be an IPv4 address and a port", text)
	}
	return addr, nil
}

func (f *flow) at(k uint64) int { return int(k % uint64(len(f.due))) }

// add has a request wait, if there is room.
func (f *flow) add(due int64) bool {
	if f.added-f.done == uint64(len(f.due)) {
		return false
	}
	f.due[f.at(f.added)] = due
	f.added++
	return true
}

// send sends what waits, if nothing is under way.
func (o *open) send(f *flow) error {
	if o.packets {
		return o.sendPackets(f)
	}
	for f.sent == f.done && f.sent < f.added {
		if o.mark != nil {
			o.mark(o.request, f.sent)
		}
		now := o.now()
		n, err := unix.Write(f.fd, o.request)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			o.held = true
			return nil
		case err != nil:
			return fmt.Errorf("sending: %w", err)
		case n != len(o.request):
			return fmt.Errorf("%d bytes of %d were sent: there is no room for a request", n, len(o.request))
		}
		o.sentAt(f, now)
	}
	return nil
}

// sentAt notes that the flow's next request was sent, and how late.
func (o *open) sentAt(f *flow, now int64) {
	if due := f.due[f.at(f.sent)]; o.counts(due) {
		o.late.Add(time.Duration(now - max(due, f.room)))
	}
	f.sent++
}

// receive takes what has come.
func (o *open) receive(f *flow) error {
	if o.packets {
		return o.receivePackets(f)
	}
	n, err := unix.Read(f.fd, f.in[f.have:])
	switch {
	case err == unix.EINTR || err == unix.EAGAIN:
		return nil
	case err != nil:
		return fmt.Errorf("receiving: %w", err)
	case n == 0:
		return fmt.Errorf("the server has closed, with %d requests under way", f.sent-f.done)
	}
	now := o.now()
	f.have += n
	if f.sent == f.done || f.have > o.length {
		return fmt.Errorf("%w: more than an answer of %d bytes: %q", errData, o.length, f.in[:f.have])
	}
	if f.have < o.length {
		return nil
	}
	if err := o.check(f.in[:o.length], f.done); err != nil {
		return err
	}
	due := f.due[f.at(f.done)]
	f.have, f.room = 0, now
	f.done++
	o.answer(due, now)
	return o.send(f)
}
