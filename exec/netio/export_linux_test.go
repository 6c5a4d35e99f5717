package netio

import "golang.org/x/sys/unix"

// NoChecksum makes the kernel refuse to cut up what c sends: it needs checksums for that.
func NoChecksum(c *PacketConn) error {
	return unix.SetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_NO_CHECK, 1)
}

// Unwatch takes c out of what the kernel watches: to watch it for something else fails then.
func Unwatch(c *PacketConn) {
	if err := c.r.poller.(*epoll).control(unix.EPOLL_CTL_DEL, c.fd, 0, 0); err != nil {
		panic(err)
	}
}
