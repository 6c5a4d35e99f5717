package netio

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// addrPort reads the address that the kernel has written, which is of either family, or of
// another one: then it is the zero AddrPort.
func addrPort(sa *unix.RawSockaddrInet6) netip.AddrPort {
	port := binary.BigEndian.Uint16((*[2]byte)(unsafe.Pointer(&sa.Port))[:])
	switch sa.Family {
	case unix.AF_INET:
		v4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(sa))
		return netip.AddrPortFrom(netip.AddrFrom4(v4.Addr), port)
	case unix.AF_INET6:
		ip := netip.AddrFrom16(sa.Addr).Unmap()
		if sa.Scope_id != 0 && ip.Is6() {
			ip = ip.WithZone(strconv.FormatUint(uint64(sa.Scope_id), 10))
		}
		return netip.AddrPortFrom(ip, port)
	}
	return netip.AddrPort{}
}

// rawInet writes an address for the kernel.
func rawInet(a netip.AddrPort) (sa unix.RawSockaddrInet6, size int) {
	size = putInet(&sa, a)
	return sa, size
}

// putInet is rawInet into sa, which may have been used before. An IPv4 address that is
// written as one of IPv6 becomes the plain one, which sockets of both families take.
func putInet(sa *unix.RawSockaddrInet6, a netip.AddrPort) (size int) {
	binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(&sa.Port))[:], a.Port())
	ip := a.Addr().Unmap()
	if ip.Is4() {
		v4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(sa))
		v4.Family, v4.Addr = unix.AF_INET, ip.As4()
		return unix.SizeofSockaddrInet4
	}
	sa.Family, sa.Flowinfo, sa.Addr, sa.Scope_id = unix.AF_INET6, 0, ip.As16(), 0
	if zone := ip.Zone(); zone != "" {
		if id, err := strconv.ParseUint(zone, 10, 32); err == nil {
			sa.Scope_id = uint32(id)
		} else if i, err := net.InterfaceByName(zone); err == nil {
			sa.Scope_id = uint32(i.Index)
		}
	}
	return unix.SizeofSockaddrInet6
}

// rawUnix writes the name of a Unix domain socket for the kernel. One that begins with @ is
// in the abstract name space.
func rawUnix(name string) (sa unix.RawSockaddrUnix, size int) {
	sa.Family = unix.AF_UNIX
	path := (*[len(sa.Path)]byte)(unsafe.Pointer(&sa.Path))
	n := copy(path[:], name)
	if name[0] == '@' {
		path[0] = 0
		return sa, 2 + n
	}
	return sa, 2 + n + 1
}

// maxUnixName is the longest name that a Unix domain socket may have.
const maxUnixName = len(unix.RawSockaddrUnix{}.Path) - 1

func checkUnix(name string) error {
	if name == "" || len(name) > maxUnixName {
		return &net.AddrError{Err: fmt.Sprintf("the name of a Unix domain socket has %d bytes: it must have from 1 to %d", len(name), maxUnixName), Addr: name}
	}
	return nil
}

// listenTarget reads the address of a listener. It is a wildcard if it names no host.
func listenTarget(network, address string) (to target, wildcard bool, err error) {
	if network == "unix" {
		return target{unix: address}, false, checkUnix(address)
	}
	host, service, err := net.SplitHostPort(address)
	if err != nil {
		return to, false, err
	}
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil {
		return to, false, &net.AddrError{Err: fmt.Sprintf("the port is %q: it must be a number from 0 to 65535", service), Addr: address}
	}
	family := ""
	switch network {
	case "tcp", "udp":
	case "tcp4", "udp4":
		family = "4"
	case "tcp6", "udp6":
		family = "6"
	default:
		return to, false, net.UnknownNetworkError(network)
	}
	var ip netip.Addr
	switch {
	case host == "" && family == "4", host == "" && family == "" && !haveIPv6():
		ip = netip.IPv4Unspecified()
	case host == "":
		ip = netip.IPv6Unspecified()
	case host == "localhost" && family != "6":
		ip = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	case host == "localhost":
		ip = netip.IPv6Loopback()
	default:
		if ip, err = netip.ParseAddr(host); err != nil {
			return to, false, &net.AddrError{Err: fmt.Sprintf("the host is %q: a listener needs an IP address, or none for all of them", host), Addr: address}
		}
	}
	addrs, err := oneAddr(ip, uint16(port), family, address)
	if err != nil {
		return to, false, err
	}
	return target{addr: addrs[0]}, host == "", nil
}

// haveIPv6 reports whether sockets of that family can be made.
func haveIPv6() bool {
	fd, err := unix.Socket(unix.AF_INET6, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return false
	}
	_ = unix.Close(fd)
	return true
}

// localAddrPort asks the kernel for the address of this side of a socket.
func localAddrPort(fd int) netip.AddrPort {
	var sa unix.RawSockaddrInet6
	size := uint32(unsafe.Sizeof(sa))
	if _, _, errno := syscall.RawSyscall(unix.SYS_GETSOCKNAME, uintptr(fd), uintptr(unsafe.Pointer(&sa)), uintptr(unsafe.Pointer(&size))); errno != 0 {
		return netip.AddrPort{}
	}
	return addrPort(&sa)
}

// clearSocket removes a socket that nobody listens on any more.
func clearSocket(path string) error {
	if path[0] == '@' {
		return nil
	}
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&os.ModeSocket == 0 {
		return nil // bind says what is wrong, if anything is
	}
	fd, err := newSocket(target{unix: path}, false)
	if err != nil {
		return err
	}
	defer closeFD(fd)
	if sysConnect(fd, target{unix: path}) == syscall.ECONNREFUSED {
		return os.Remove(path)
	}
	return nil
}

func removeSocket(path string) {
	if path != "" && path[0] != '@' {
		_ = os.Remove(path)
	}
}
