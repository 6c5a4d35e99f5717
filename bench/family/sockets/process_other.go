//go:build !linux

package sockets

import (
	"fmt"
	"runtime"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

// errSystem says why no server can be measured here.
var errSystem = fmt.Errorf("%w: no servers on netio, no processor time of others on %s", measure.ErrSkip, runtime.GOOS)

func onCPUs([]int, func() error) error         { return errSystem }
func (p *process) cpu() (time.Duration, error) { return 0, errSystem }
func (p *process) memory() (float64, error)    { return 0, errSystem }
func (p *process) settle() error               { return errSystem }
func maxFiles() uint64                         { return 0 }
