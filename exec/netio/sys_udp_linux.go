package netio

import (
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Options of UDP that package unix does not know.
const (
	udpSegment = 103
	udpGRO     = 104
)

// sysPacketSocket makes the socket of a PacketConn.
func sysPacketSocket(network, address string, cfg *PacketConfig) (int, error) {
	cfg.Remote = netip.AddrPortFrom(cfg.Remote.Addr().Unmap(), cfg.Remote.Port())
	remote, wildcard := target{addr: cfg.Remote}, false
	local := remote
	var err error
	switch network {
	case "udp", "udp4", "udp6":
		if address != "" || !cfg.Remote.IsValid() {
			local, wildcard, err = listenTarget(network, address)
		} else {
			_, err = oneAddr(cfg.Remote.Addr(), 0, network[3:], cfg.Remote.String())
		}
	default:
		err = fmt.Errorf("the network is %q: it must be udp, udp4 or udp6", network)
	}
	if err != nil {
		return -1, err
	}
	fd, err := newSocket(local, true)
	if err != nil {
		return -1, err
	}
	err = cfg.options(fd, local.addr.Addr().Is6(), wildcard && network == "udp")
	if err == nil && address != "" {
		err = sysBind(fd, local)
	}
	if err == nil && cfg.Steer != nil {
		err = cfg.Steer.attach(fd)
	}
	if err == nil && cfg.Remote.IsValid() {
		if errno := sysConnect(fd, remote); errno != 0 {
			err = sysError("connect", errno)
		}
	}
	if err != nil {
		closeFD(fd)
		return -1, err
	}
	return fd, nil
}

func (c *PacketConfig) options(fd int, v6, both bool) error {
	var opts []option
	if v6 {
		only := 1
		if both {
			only = 0
		}
		opts = append(opts, option{"IPV6_V6ONLY", unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, only})
	}
	if c.ReusePort {
		opts = append(opts, option{"SO_REUSEPORT", unix.SOL_SOCKET, unix.SO_REUSEPORT, 1})
	}
	if c.ReadBuffer > 0 {
		opts = append(opts, option{"SO_RCVBUF", unix.SOL_SOCKET, unix.SO_RCVBUF, c.ReadBuffer})
	}
	if c.WriteBuffer > 0 {
		opts = append(opts, option{"SO_SNDBUF", unix.SOL_SOCKET, unix.SO_SNDBUF, c.WriteBuffer})
	}
	if c.GRO {
		opts = append(opts, option{"UDP_GRO", unix.IPPROTO_UDP, udpGRO, 1})
	}
	return setOptions(fd, opts)
}

func sysSendTo(fd int, b []byte, name unsafe.Pointer, size int) syscall.Errno {
	for {
		_, _, errno := syscall.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, uintptr(name), uintptr(size))
		if errno != unix.EINTR {
			runtime.KeepAlive(b)
			return errno
		}
	}
}

// sysSendPacket sends one datagram. The zero address is that of a connected socket.
func sysSendPacket(fd int, b []byte, to netip.AddrPort) syscall.Errno {
	if !to.IsValid() {
		return sysSendTo(fd, b, nil, 0)
	}
	var sa unix.RawSockaddrInet6
	return sysSendTo(fd, b, unsafe.Pointer(&sa), putInet(&sa, to))
}

// sysReceivePacket receives one datagram, and returns its size, which is greater than that of
// b if it has been cut off.
func sysReceivePacket(fd int, b []byte) (int, netip.AddrPort, syscall.Errno) {
	var sa unix.RawSockaddrInet6
	size := uint32(unsafe.Sizeof(sa))
	for {
		n, _, errno := syscall.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), unix.MSG_DONTWAIT|unix.MSG_TRUNC, uintptr(unsafe.Pointer(&sa)), uintptr(unsafe.Pointer(&size)))
		switch errno {
		case 0:
			return int(n), addrPort(&sa), 0
		case unix.EINTR:
		default:
			return 0, netip.AddrPort{}, errno
		}
	}
}

// sysDrops returns how many packets the kernel has dropped.
func sysDrops(fd int) (uint32, error) {
	var info [unix.SK_MEMINFO_VARS]uint32
	size := uint32(unsafe.Sizeof(info))
	if _, _, errno := syscall.RawSyscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_MEMINFO, uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0); errno != 0 {
		return 0, os.NewSyscallError("getsockopt SO_MEMINFO", errno)
	}
	return info[unix.SK_MEMINFO_DROPS], nil
}
