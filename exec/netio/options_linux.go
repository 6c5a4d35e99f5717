package netio

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// defaultKeepAlive is that of package net.
const defaultKeepAlive = 15 * time.Second

// tcpOptions sets the options that every connection has.
func tcpOptions(fd int, keepAlive time.Duration, delay bool) error {
	var opts []option
	if !delay {
		opts = append(opts, option{"TCP_NODELAY", unix.IPPROTO_TCP, unix.TCP_NODELAY, 1})
	}
	if keepAlive == 0 {
		keepAlive = defaultKeepAlive
	}
	if keepAlive > 0 {
		s := seconds(keepAlive)
		opts = append(opts,
			option{"SO_KEEPALIVE", unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1},
			option{"TCP_KEEPIDLE", unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, s},
			option{"TCP_KEEPINTVL", unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, s})
	}
	return setOptions(fd, opts)
}

// seconds rounds up.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

type option struct {
	name              string
	level, opt, value int
}

func setOptions(fd int, opts []option) error {
	for _, o := range opts {
		if err := unix.SetsockoptInt(fd, o.level, o.opt, o.value); err != nil {
			return os.NewSyscallError("setsockopt "+o.name, err)
		}
	}
	return nil
}
