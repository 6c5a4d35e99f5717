//go:build !linux

package floor

import (
	"fmt"
	"runtime"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

func getpidRaw(measure.Spot, int) (measure.Sample, error) {
	err := fmt.Errorf("%w: programs make no system calls of their own on %s", measure.ErrSkip, runtime.GOOS)
	return measure.Sample{}, err
}

var getpidSyscall = getpidRaw
