//go:build linux

package main

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// mmsghdr is the kernel's.
type mmsghdr struct {
	hdr unix.Msghdr
	n   uint32
}

func (m *mmsghdr) fill(iov *unix.Iovec, b []byte) {
	iov.Base = unsafe.SliceData(b)
	iov.SetLen(len(b))
	m.hdr.Iov = iov
	m.hdr.SetIovlen(1)
}

// messages cuts a buffer into messages of size bytes.
func messages(b []byte, size int) []mmsghdr {
	msgs, iovs := make([]mmsghdr, len(b)/size), make([]unix.Iovec, len(b)/size)
	for i := range msgs {
		msgs[i].fill(&iovs[i], b[i*size:(i+1)*size])
	}
	return msgs
}

func sendmmsg(fd int, msgs []mmsghdr) (int, error) { return mmsg(unix.SYS_SENDMMSG, fd, msgs, 0) }

// recvmmsg waits for the first packet only.
func recvmmsg(fd int, msgs []mmsghdr) (int, error) {
	return mmsg(unix.SYS_RECVMMSG, fd, msgs, unix.MSG_WAITFORONE)
}

func mmsg(call uintptr, fd int, msgs []mmsghdr, flags uintptr) (int, error) {
	for {
		n, _, errno := unix.Syscall6(call, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(msgs))), uintptr(len(msgs)),
			flags, 0, 0)
		runtime.KeepAlive(msgs)
		switch errno {
		case 0:
			return int(n), nil
		case unix.EINTR:
		default:
			return 0, errno
		}
	}
}
