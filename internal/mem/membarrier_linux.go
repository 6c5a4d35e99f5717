//go:build linux && !portable

package mem

import "golang.org/x/sys/unix"

// Commands of membarrier(2); x/sys has the number of the call only.
const (
	cmdPrivateExpedited         = 1 << 3
	cmdRegisterPrivateExpedited = 1 << 4
)

func membarrierRegister() bool {
	_, _, errno := unix.RawSyscall(unix.SYS_MEMBARRIER, cmdRegisterPrivateExpedited, 0, 0)
	return errno == 0
}

func membarrier() bool {
	_, _, errno := unix.RawSyscall(unix.SYS_MEMBARRIER, cmdPrivateExpedited, 0, 0)
	return errno == 0
}
