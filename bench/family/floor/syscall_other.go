//go:build !linux

package floor

import (
	"fmt"
	"runtime"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

func getpidRaw(measure.Spot, int) (measure.Sample, error) {
	return measure.Sample{}, fmt.Errorf("%w: programs make no system calls of their own on %s", measure.ErrSkip, runtime.GOOS)
}

var getpidSyscall = getpidRaw
