package netio

import "golang.org/x/sys/unix"

// NoChecksum makes the kernel refuse to cut up what c sends: it needs checksums for that.
func NoChecksum(c *PacketConn) error {
	return unix.SetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_NO_CHECK, 1)
}
