//go:build !linux

package sockets

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"time"
)

var errSystem = fmt.Errorf("servers on netio, and the processor time of others, on %s: %w", runtime.GOOS, errors.ErrUnsupported)

func dieWithParent(*exec.Cmd)                  {}
func onCPUs([]int, func() error) error         { return errSystem }
func (p *process) cpu() (time.Duration, error) { return 0, errSystem }
func (p *process) memory() (float64, error)    { return 0, errSystem }
func (p *process) settle() error               { return errSystem }
func maxFiles() uint64                         { return 0 }
