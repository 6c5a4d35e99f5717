//go:build !linux

package netio

import "syscall"

// Nothing here is ever called: see sys_other.go.

func sysPipe(int) (*pipe, error)                   { return nil, errNone }
func sysSplice(int, int, int) (int, syscall.Errno) { return 0, errNone }
