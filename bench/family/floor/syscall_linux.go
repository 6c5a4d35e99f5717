package floor

import (
	"fmt"
	"os"

	"github.com/pushcore/pushcore/bench/internal/measure"

	"golang.org/x/sys/unix"
)

// getpidRaw leaves the runtime out of it, as the loops of this project do where a call cannot block.
func getpidRaw(s measure.Spot, n int) (measure.Sample, error) {
	return getpid(s, n, func() (uintptr, uintptr) { return unix.RawSyscallNoError(unix.SYS_GETPID, 0, 0, 0) })
}

// getpidSyscall lets the scheduler know before and after.
func getpidSyscall(s measure.Spot, n int) (measure.Sample, error) {
	return getpid(s, n, func() (uintptr, uintptr) { return unix.SyscallNoError(unix.SYS_GETPID, 0, 0, 0) })
}

func getpid(s measure.Spot, n int, call func() (uintptr, uintptr)) (measure.Sample, error) {
	want, wrong := uintptr(os.Getpid()), 0
	d, err := s.Solo(func() error {
		for range n {
			if pid, _ := call(); pid != want {
				wrong++
			}
		}
		if wrong > 0 {
			return fmt.Errorf("data error: getpid did not return %d but something else %d times", want, wrong)
		}
		return nil
	})
	return measure.PerOp(d, n), err
}
