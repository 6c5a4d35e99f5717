package netio

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// epoll is the poller of Linux.
type epoll struct {
	fd     int
	bell   *bell
	noNano bool // the kernel has no epoll_pwait2
	events [128]unix.EpollEvent
	at, n  int // events[at:n] are to be delivered
}

// bell is the eventfd that wakes the loop. It is closed when nobody can ring it any more: one
// that were closed with the loop could be rung later by a sender that was held up, when the
// number is already that of another file.
type bell struct{ fd int }

// bellKey is the key of the bell. It is that of no file: the table never has so many.
const bellKey = ^uint64(0)

func newPoller() (poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	efd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		_ = unix.Close(fd)
		return nil, os.NewSyscallError("eventfd", err)
	}
	p := &epoll{fd: fd, bell: &bell{efd}}
	runtime.AddCleanup(p.bell, func(fd int) { _ = unix.Close(fd) }, efd)
	// Edge-triggered, so that nobody has to read it: every ring is an event.
	if err := p.control(unix.EPOLL_CTL_ADD, efd, unix.EPOLLIN|unix.EPOLLET, bellKey); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return p, nil
}

func (p *epoll) control(op, fd int, events uint32, key uint64) error {
	ev := unix.EpollEvent{Events: events, Fd: int32(uint32(key)), Pad: int32(uint32(key >> 32))}
	if _, _, errno := syscall.RawSyscall6(unix.SYS_EPOLL_CTL, uintptr(p.fd), uintptr(op), uintptr(fd), uintptr(unsafe.Pointer(&ev)), 0, 0); errno != 0 {
		return fmt.Errorf("watching descriptor %d: %w", fd, os.NewSyscallError("epoll_ctl", errno))
	}
	return nil
}

func (p *epoll) add(fd int, key uint64, want uint32) error {
	return p.control(unix.EPOLL_CTL_ADD, fd, epollEvents(want), key)
}

func (p *epoll) change(fd int, key uint64, want uint32) error {
	return p.control(unix.EPOLL_CTL_MOD, fd, epollEvents(want), key)
}

func epollEvents(want uint32) uint32 {
	events := uint32(unix.EPOLLRDHUP | unix.EPOLLET&0xffffffff)
	if want&readable != 0 {
		events |= unix.EPOLLIN | unix.EPOLLPRI
	}
	if want&writable != 0 {
		events |= unix.EPOLLOUT
	}
	return events
}

// wait blocks in a real Syscall, of which the scheduler is told; otherwise in none.
func (p *epoll) wait(timeout time.Duration) int {
	var n uintptr
	var errno unix.Errno
	switch {
	case timeout == 0:
		n, _, errno = syscall.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events)), uintptr(len(p.events)), 0, 0, 0)
	case timeout > 0 && !p.noNano:
		ts := kernelTimespec{int64(timeout / time.Second), int64(timeout % time.Second)}
		n, _, errno = syscall.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events)), uintptr(len(p.events)), uintptr(unsafe.Pointer(&ts)), 0, 0)
		if errno == unix.ENOSYS || errno == unix.EPERM { // EPERM: an old seccomp filter that does not know it
			p.noNano = true
			return p.wait(timeout)
		}
	default:
		ms := -1
		if timeout > 0 {
			ms = int((min(timeout, time.Hour) + time.Millisecond - 1) / time.Millisecond)
		}
		n, _, errno = syscall.Syscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events)), uintptr(len(p.events)), uintptr(ms), 0, 0)
	}
	if errno != 0 {
		n = 0 // EINTR: as if nothing had happened
	}
	p.at, p.n = 0, int(n)
	return p.n
}

// kernelTimespec is that of the kernel's newer calls, which is the same on all machines.
type kernelTimespec struct{ sec, nsec int64 }

func (p *epoll) left() int { return p.n - p.at }

func (p *epoll) deliver(most int, f func(key uint64, flags uint32)) (n int) {
	for ; n < most && p.at < p.n; n++ {
		ev := &p.events[p.at]
		p.at++
		key := uint64(uint32(ev.Fd)) | uint64(uint32(ev.Pad))<<32
		if key == bellKey {
			continue
		}
		var flags uint32
		if ev.Events&unix.EPOLLIN != 0 {
			flags |= readable
		}
		if ev.Events&unix.EPOLLOUT != 0 {
			flags |= writable
		}
		if ev.Events&unix.EPOLLPRI != 0 {
			flags |= readable | urgent
		}
		if ev.Events&(unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
			flags |= readable | hungUp
			if ev.Events&(unix.EPOLLHUP|unix.EPOLLERR) != 0 {
				flags |= writable
			}
			if ev.Events&unix.EPOLLERR != 0 {
				flags |= lost
			}
		}
		f(key, flags)
	}
	return n
}

func (p *epoll) wake() {
	one := uint64(1)
	_, _, _ = syscall.RawSyscall(unix.SYS_WRITE, uintptr(p.bell.fd), uintptr(unsafe.Pointer(&one)), 8)
	runtime.KeepAlive(p.bell)
}

func (p *epoll) close() { _ = unix.Close(p.fd) }
