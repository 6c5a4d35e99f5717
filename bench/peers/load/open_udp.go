//go:build linux

package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// parcel is what a flow of packets sends, and what it receives, with one system call: all that is due by then.
type parcel struct {
	out, in        []byte
	sent, received []mmsghdr
}

func newParcel(d dialect) *parcel {
	p := &parcel{in: make([]byte, echoBatch*(d.length+1))} // one byte more, by which one that is too long shows
	for range echoBatch {
		p.out = append(p.out, d.request...)
	}
	p.sent, p.received = messages(p.out, len(d.request)), messages(p.in, d.length+1)
	return p
}

// sendPackets sends all that waits: packets are always sent when they are due.
func (o *open) sendPackets(f *flow) error {
	for f.sent < f.added {
		many, size := int(min(f.added-f.sent, echoBatch)), len(o.request)
		for i := range many {
			o.mark(f.parcel.out[i*size:], f.sent+uint64(i))
		}
		now := o.now()
		n, err := sendmmsg(f.fd, f.parcel.sent[:many])
		if err == unix.EAGAIN || err == unix.ENOBUFS {
			o.held = true
			return nil
		}
		if err != nil {
			return fmt.Errorf("sending: %w", err)
		}
		for range n {
			o.sentAt(f, now)
		}
	}
	return nil
}

// receivePackets takes what has come.
func (o *open) receivePackets(f *flow) error {
	for n := echoBatch; n == echoBatch; {
		var err error
		if n, err = recvmmsg(f.fd, f.parcel.received); err == unix.EAGAIN {
			return nil
		}
		if err != nil {
			return fmt.Errorf("receiving: %w", err)
		}
		now, size := o.now(), o.length+1
		for i := range n {
			if err := o.packet(f, f.parcel.in[i*size:i*size+int(f.parcel.received[i].n)], now); err != nil {
				return err
			}
		}
	}
	return nil
}

// packet takes an answer that says to which request it is. One that was given up was counted as lost.
func (o *open) packet(f *flow, b []byte, now int64) error {
	if len(b) != o.length {
		return fmt.Errorf("%w: a packet of %d bytes came back with %d", errData, o.length, len(b))
	}
	k := number(b)
	if k >= f.sent {
		return fmt.Errorf("%w: packet %d of %d was never sent", errData, k, f.sent)
	}
	if err := o.check(b, k); err != nil {
		return err
	}
	if at := f.at(k); k >= f.done && f.due[at] != answered {
		o.answer(f.due[at], now)
		f.due[at] = answered
		f.pass()
	}
	return nil
}

// pass lets go of what is answered.
func (f *flow) pass() {
	for f.done < f.sent && f.due[f.at(f.done)] == answered {
		f.done++
	}
}

// expire gives up packets that have been under way for too long.
func (o *open) expire(f *flow) {
	for now := o.now(); f.done < f.sent && now-f.due[f.at(f.done)] > int64(o.limit); f.pass() {
		o.lose(f.due[f.at(f.done)])
		f.due[f.at(f.done)] = answered
	}
}
