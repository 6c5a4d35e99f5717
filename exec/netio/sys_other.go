//go:build !linux

package netio

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"syscall"
	"time"
)

// There are no sockets here: New says so, and nothing below is ever called.

const (
	shutRead  = 0
	shutWrite = 1

	defaultKeepAlive = 15 * time.Second
)

func newPoller() (poller, error) {
	return nil, fmt.Errorf("sockets on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}

const errNone = syscall.EINVAL

func sysError(call string, errno syscall.Errno) error    { return os.NewSyscallError(call, errno) }
func sysRead(int, []byte) (int, syscall.Errno)           { return 0, errNone }
func sysWrite(int, []byte) (int, syscall.Errno)          { return 0, errNone }
func sysWritev(int, net.Buffers) (int, syscall.Errno)    { return 0, errNone }
func sysReadable(int) (bool, syscall.Errno)              { return false, 0 }
func sysShutdown(int, int) error                         { return errNone }
func sysLinger(int, int) error                           { return errNone }
func closeFD(int)                                        {}
func openSpare() int                                     { return -1 }
func sysAccept(int) (int, netip.AddrPort, syscall.Errno) { return -1, netip.AddrPort{}, errNone }
func sysConnect(int, target) syscall.Errno               { return errNone }
func sysSocketError(int) error                           { return errNone }
func sysSocket(target, DialConfig) (int, kind, error)    { return -1, 0, errNone }
func (ln *Listener) bind(string, string) error           { return errNone }
func localAddrPort(int) netip.AddrPort                   { return netip.AddrPort{} }
func checkUnix(string) error                             { return errNone }
func removeSocket(string)                                {}

// Steering is a program for the kernel of Linux.
type Steering []Instruction

// Instruction is one of classic BPF.
type Instruction struct {
	Code   uint16
	JT, JF uint8
	K      uint32
}

// SteerByCPU, SteerByByte and SteerByKey return nothing here.
func SteerByCPU(int) Steering       { return nil }
func SteerByByte(int, int) Steering { return nil }
func SteerByKey(int, int) Steering  { return nil }
