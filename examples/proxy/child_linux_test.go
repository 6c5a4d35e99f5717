package main

import (
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// childListen listens on the loopback, with hardly any room for connections that nobody
// accepts if small.
func childListen(small bool) (net.Listener, error) {
	if !small {
		return net.Listen("tcp", "127.0.0.1:0")
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		err = unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	}
	if err == nil {
		err = unix.Listen(fd, 1)
	}
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "listener")
	defer func() { _ = f.Close() }()
	return net.FileListener(f)
}
