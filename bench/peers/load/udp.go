//go:build linux

package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// The UDP client is to be cheaper than any server it loads: it sends and receives many packets per system call, from
// sockets that block. Each socket has a window of packets on their way; one that does not come back in time is lost.

// patience is how long a packet may take.
const patience = 50 * time.Millisecond

// udpEcho sends packets of size bytes, a batch at a time, and waits until they are back. There are conns sockets.
func udpEcho(t task) (report, error) { return udp(t, echoBatch, exchangeEach) }

// udpBulk does the same with one large send that the kernel cuts into packets (GSO), and reads what it puts together
// (GRO).
func udpBulk(t task) (report, error) { return udp(t, min(maxSegments, maxSend/t.size), exchangeRun) }

const (
	echoBatch   = 32
	maxSegments = 64
	maxSend     = 60_000
)

// exchange sends one window of packets and receives what comes back of it, in the order sent or not.
type exchange func(s *udpSocket, m *meter) error

func udp(t task, window int, one exchange) (report, error) {
	addr, err := ipv4(t.addr)
	if err != nil {
		return report{}, err
	}
	if t.size < stampSize {
		return report{}, fmt.Errorf("-size %d: a packet must have room for %d bytes", t.size, stampSize)
	}
	meters, errs := make([]meter, t.conns), make([]error, t.conns)
	start := time.Now()
	end := start.Add(t.span)
	var wg sync.WaitGroup
	for i := range t.conns {
		wg.Go(func() {
			s, err := newUDPSocket(addr, t.size, window)
			if err != nil {
				errs[i] = err
				return
			}
			defer s.close()
			for time.Now().Before(end) && errs[i] == nil {
				errs[i] = one(s, &meters[i])
			}
		})
	}
	wg.Wait()
	return sum(meters, time.Since(start)), errors.Join(errs...)
}

// udpSocket is a connected socket that blocks, and the packets of one window.
type udpSocket struct {
	fd       int
	size     int
	window   int
	next     uint64 // the number of the next packet
	seen     []bool // of the window, which have come back
	out      []byte // window packets
	in       []byte // as many, or one large one
	sent     []mmsghdr
	received []mmsghdr
}

// stampSize is the number at the front of a packet. The rest of it is its lowest byte.
const stampSize = 8

func newUDPSocket(addr netip.AddrPort, size, window int) (*udpSocket, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	s := &udpSocket{fd: fd, size: size, window: window, seen: make([]bool, window), out: make([]byte, window*size),
		in: make([]byte, max(window*size, 1<<16))}
	s.sent, s.received = messages(s.out, size), messages(s.in[:window*size], size)
	tv := unix.NsecToTimeval(int64(patience))
	err = errors.Join(unix.Connect(fd, &unix.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()}),
		unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &tv))
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *udpSocket) close() { _ = unix.Close(s.fd) }

// stamp numbers the packets of a window.
func (s *udpSocket) stamp() {
	clear(s.seen)
	for i := range s.window {
		p := s.out[i*s.size : (i+1)*s.size]
		n := s.next + uint64(i)
		for j := stampSize; j < len(p); j++ {
			p[j] = byte(n)
		}
		binary.LittleEndian.PutUint64(p, n)
	}
	s.next += uint64(s.window)
}

// check tells whether p is one of the window that has not come back yet; one of an earlier window was counted as lost.
func (s *udpSocket) check(p []byte) (fresh bool, err error) {
	if len(p) != s.size {
		return false, fmt.Errorf("%w: a packet of %d bytes came back with %d", errData, s.size, len(p))
	}
	n := binary.LittleEndian.Uint64(p)
	for _, b := range p[stampSize:] {
		if b != byte(n) {
			return false, fmt.Errorf("%w: packet %d was changed", errData, n)
		}
	}
	i := int64(n) - int64(s.next) + int64(s.window)
	if i >= int64(s.window) {
		return false, fmt.Errorf("%w: packet %d was never sent", errData, n)
	}
	if i < 0 || s.seen[i] {
		return false, nil
	}
	s.seen[i] = true
	return true, nil
}

// exchangeEach sends and receives packets of their own.
func exchangeEach(s *udpSocket, m *meter) error {
	s.stamp()
	start := time.Now()
	for at := 0; at < s.window; {
		n, err := sendmmsg(s.fd, s.sent[at:])
		if err != nil {
			return err
		}
		at += n
	}
	for back := 0; back < s.window; {
		n, err := recvmmsg(s.fd, s.received)
		if err == unix.EAGAIN {
			m.lost += uint64(s.window - back)
			return nil
		}
		if err != nil {
			return err
		}
		took := time.Since(start)
		for i := range n {
			fresh, err := s.check(s.in[i*s.size : i*s.size+int(s.received[i].n)])
			if err != nil {
				return err
			}
			if fresh {
				back++
				m.add(took, s.size)
			}
		}
	}
	return nil
}
