package netio

import (
	"os"

	"golang.org/x/sys/unix"
)

// bind makes the socket of a Listener.
func (ln *Listener) bind(network, address string) error {
	to, wildcard, err := listenTarget(network, address)
	if err != nil {
		return err
	}
	fd, err := newSocket(to, false)
	if err != nil {
		return err
	}
	ln.fd, ln.kind = fd, kindTCP
	both := wildcard && network == "tcp"
	if to.unix != "" {
		ln.kind = kindUnix
		err = clearSocket(to.unix)
	} else {
		if ln.cfg.First && to.addr.Port() != 0 {
			err = ln.alone(to, both)
		}
		if err == nil {
			err = ln.options(fd, both, ln.cfg.ReusePort)
		}
	}
	if err == nil {
		err = sysBind(fd, to)
	}
	if err == nil && to.unix != "" {
		ln.path = to.unix
	}
	if err == nil {
		backlog := ln.cfg.Backlog
		if backlog == 0 {
			backlog = 1 << 16 // the kernel cuts it down to somaxconn
		}
		err = os.NewSyscallError("listen", unix.Listen(fd, backlog))
	}
	if err == nil && ln.cfg.Steer != nil { // listening sockets share it; before, each would have its own
		err = ln.cfg.Steer.attach(fd)
	}
	if err != nil {
		closeFD(fd)
		removeSocket(ln.path)
		return err
	}
	if ln.ends.unixLocal = to.unix; to.unix == "" {
		ln.ends.local = localAddrPort(fd)
		ln.anyAddr = to.addr.Addr().IsUnspecified()
	}
	return nil
}

// alone returns an error if another socket listens at the address: it tries to have it to
// itself, for a moment.
func (ln *Listener) alone(to target, both bool) error {
	fd, err := newSocket(to, false)
	if err != nil {
		return err
	}
	defer closeFD(fd)
	if err = ln.options(fd, both, false); err != nil {
		return err
	}
	return sysBind(fd, to)
}

// options sets what accepted connections inherit, so that it costs nothing for each.
func (ln *Listener) options(fd int, both, share bool) error {
	opts := []option{{"SO_REUSEADDR", unix.SOL_SOCKET, unix.SO_REUSEADDR, 1}}
	if share {
		opts = append(opts, option{"SO_REUSEPORT", unix.SOL_SOCKET, unix.SO_REUSEPORT, 1})
	}
	if d := ln.cfg.DeferAccept; d > 0 {
		opts = append(opts, option{"TCP_DEFER_ACCEPT", unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT, seconds(d)})
	}
	if v6, _ := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DOMAIN); v6 == unix.AF_INET6 {
		only := 1
		if both {
			only = 0
		}
		opts = append(opts, option{"IPV6_V6ONLY", unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, only})
	}
	if err := setOptions(fd, opts); err != nil {
		return err
	}
	return tcpOptions(fd, ln.cfg.KeepAlive, ln.cfg.Delay)
}
