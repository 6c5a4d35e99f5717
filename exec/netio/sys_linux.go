package netio

import (
	"net"
	"net/netip"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// System calls that cannot block, as all are that concern a non-blocking socket, go past the
// scheduler: it would only be told that nothing happens.

const (
	shutRead  = unix.SHUT_RD
	shutWrite = unix.SHUT_WR
)

func sysError(call string, errno syscall.Errno) error { return os.NewSyscallError(call, errno) }

// sysRead is recvfrom, which has less to go through than read.
func sysRead(fd int, b []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), 0, 0, 0)
	return int(n), errno
}

// sysWrite writes without a SIGPIPE.
func sysWrite(fd int, b []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), unix.MSG_NOSIGNAL, 0, 0)
	return int(n), errno
}

// maxIovecs is how many buffers one sysWritev takes.
const maxIovecs = 64

func sysWritev(fd int, bufs net.Buffers) (int, syscall.Errno) {
	var vec [maxIovecs]unix.Iovec
	k := 0
	for _, b := range bufs {
		if k == len(vec) {
			break
		}
		if len(b) > 0 {
			vec[k].Base = unsafe.SliceData(b)
			vec[k].SetLen(len(b))
			k++
		}
	}
	if k == 0 {
		return 0, 0
	}
	var msg unix.Msghdr
	msg.Iov = &vec[0]
	msg.SetIovlen(k)
	n, _, errno := syscall.RawSyscall(unix.SYS_SENDMSG, uintptr(fd), uintptr(unsafe.Pointer(&msg)), unix.MSG_NOSIGNAL)
	runtime.KeepAlive(bufs)
	return int(n), errno
}

// sysReadable reports whether a read of fd would not have to wait. An error of the socket is
// reported once: the read that follows would not see it.
func sysReadable(fd int) (bool, syscall.Errno) {
	var b [1]byte
	_, _, errno := syscall.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&b)), 1, unix.MSG_PEEK|unix.MSG_DONTWAIT, 0, 0)
	switch errno {
	case unix.EAGAIN:
		return false, 0
	case unix.EINTR:
		return true, 0
	}
	return true, errno
}

func sysShutdown(fd, how int) error {
	if _, _, errno := syscall.RawSyscall(unix.SYS_SHUTDOWN, uintptr(fd), uintptr(how), 0); errno != 0 {
		return sysError("shutdown", errno)
	}
	return nil
}

func sysLinger(fd, sec int) error {
	l := unix.Linger{Onoff: 1, Linger: int32(sec)}
	if sec < 0 {
		l = unix.Linger{}
	}
	return os.NewSyscallError("setsockopt SO_LINGER", unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &l))
}

func closeFD(fd int) {
	if fd >= 0 {
		_, _, _ = syscall.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0)
	}
}

// openSpare returns a descriptor that is there to be given up.
func openSpare() int {
	fd, err := unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1
	}
	return fd
}

// sysAccept accepts a connection, as a non-blocking socket.
func sysAccept(fd int) (int, netip.AddrPort, syscall.Errno) {
	var sa unix.RawSockaddrInet6 // large enough for both families; a Unix address is cut off
	size := uint32(unsafe.Sizeof(sa))
	nfd, _, errno := syscall.RawSyscall6(unix.SYS_ACCEPT4, uintptr(fd), uintptr(unsafe.Pointer(&sa)), uintptr(unsafe.Pointer(&size)), unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0, 0)
	if errno != 0 {
		return -1, netip.AddrPort{}, errno
	}
	return int(nfd), addrPort(&sa), 0
}

// sysConnect begins to connect.
func sysConnect(fd int, to target) syscall.Errno {
	var errno syscall.Errno
	if to.unix != "" {
		sa, size := rawUnix(to.unix)
		_, _, errno = syscall.RawSyscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&sa)), uintptr(size))
		return errno
	}
	sa, size := rawInet(to.addr)
	_, _, errno = syscall.RawSyscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&sa)), uintptr(size))
	return errno
}

func sysBind(fd int, to target) error {
	var errno syscall.Errno
	if to.unix != "" {
		sa, size := rawUnix(to.unix)
		_, _, errno = syscall.RawSyscall(unix.SYS_BIND, uintptr(fd), uintptr(unsafe.Pointer(&sa)), uintptr(size))
	} else {
		sa, size := rawInet(to.addr)
		_, _, errno = syscall.RawSyscall(unix.SYS_BIND, uintptr(fd), uintptr(unsafe.Pointer(&sa)), uintptr(size))
	}
	if errno != 0 {
		return sysError("bind", errno)
	}
	return nil
}

// sysSocketError returns, and clears, the error of a socket.
func sysSocketError(fd int) error {
	v, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil {
		return os.NewSyscallError("getsockopt", err)
	}
	if v != 0 {
		return sysError("connect", syscall.Errno(v))
	}
	return nil
}

// newSocket makes a non-blocking socket for an address. TCP is asked for by name: MPTCP is
// another protocol.
func newSocket(to target, datagram bool) (fd int, err error) {
	family, typ, proto := unix.AF_UNIX, unix.SOCK_STREAM, 0
	if to.unix == "" {
		family, proto = unix.AF_INET6, unix.IPPROTO_TCP
		if to.addr.Addr().Is4() {
			family = unix.AF_INET
		}
	}
	if datagram {
		typ, proto = unix.SOCK_DGRAM, 0
	}
	fd, err = unix.Socket(family, typ|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, proto)
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	return fd, nil
}

// sysSocket makes the socket of an outgoing connection.
func sysSocket(to target, cfg DialConfig) (int, kind, error) {
	fd, err := newSocket(to, false)
	if err != nil {
		return -1, 0, err
	}
	k := kindUnix
	if to.unix == "" {
		k = kindTCP
		err = tcpOptions(fd, cfg.KeepAlive, cfg.Delay)
		if err == nil && cfg.Local.IsValid() {
			err = sysBind(fd, target{addr: cfg.Local})
		}
	}
	if err != nil {
		closeFD(fd)
		return -1, 0, err
	}
	return fd, k, nil
}
