//go:build linux

package main

import (
	"encoding/binary"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// exchangeRun sends a window as one run of packets, and receives runs.
func exchangeRun(s *udpSocket, m *meter) error {
	if s.next == 0 {
		if err := unix.SetsockoptInt(s.fd, unix.IPPROTO_UDP, unix.UDP_GRO, 1); err != nil {
			return err
		}
	}
	s.stamp()
	start := time.Now()
	if _, err := unix.SendmsgN(s.fd, s.out, segmentSize(s.size), nil, 0); err != nil {
		return err
	}
	oob := make([]byte, unix.CmsgSpace(4))
	for back := 0; back < s.window; {
		n, oobn, _, _, err := unix.Recvmsg(s.fd, s.in, oob, 0)
		if err == unix.EAGAIN {
			m.lost += uint64(s.window - back)
			return nil
		}
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		took := time.Since(start)
		size := receivedSize(oob[:oobn], n)
		for at := 0; at < n; at += size {
			fresh, err := s.check(s.in[at:min(at+size, n)])
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

// segmentSize is the control message that has the kernel cut what is sent into packets.
func segmentSize(size int) []byte {
	b := make([]byte, unix.CmsgSpace(2))
	h := (*unix.Cmsghdr)(unsafe.Pointer(&b[0]))
	h.Level, h.Type = unix.IPPROTO_UDP, unix.UDP_SEGMENT
	h.SetLen(unix.CmsgLen(2))
	binary.NativeEndian.PutUint16(b[unix.CmsgLen(0):], uint16(size))
	return b
}

// receivedSize reads the control message that says what the packets of a run have been; without one there is one.
func receivedSize(oob []byte, n int) int {
	if len(oob) >= unix.CmsgLen(4) {
		h := (*unix.Cmsghdr)(unsafe.Pointer(&oob[0]))
		if h.Level == unix.IPPROTO_UDP && h.Type == unix.UDP_GRO {
			return int(binary.NativeEndian.Uint32(oob[unix.CmsgLen(0):]))
		}
	}
	return max(n, 1)
}
