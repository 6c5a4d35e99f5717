package netio

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// sysPipe makes a pipe of that size, or of the size that the system gives it.
func sysPipe(size int) (*pipe, error) {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		return nil, os.NewSyscallError("pipe2", err)
	}
	got, err := unix.FcntlInt(uintptr(fds[1]), unix.F_SETPIPE_SZ, size)
	if err != nil {
		got, err = unix.FcntlInt(uintptr(fds[1]), unix.F_GETPIPE_SZ, 0)
	}
	q := &pipe{r: fds[0], w: fds[1], size: got}
	if err != nil {
		q.close()
		return nil, os.NewSyscallError("fcntl F_GETPIPE_SZ", err)
	}
	return q, nil
}

// sysSplice moves up to n bytes from one descriptor to another, one of which is a pipe.
// Neither call blocks: the sockets do not, and the pipe is told not to.
func sysSplice(from, to, n int) (int, syscall.Errno) {
	m, _, errno := syscall.RawSyscall6(unix.SYS_SPLICE, uintptr(from), 0, uintptr(to), 0, uintptr(n), unix.SPLICE_F_MOVE|unix.SPLICE_F_NONBLOCK)
	if errno != 0 {
		return 0, errno
	}
	return int(m), 0
}
