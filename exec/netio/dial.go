package netio

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// DialConfig says how Dial connects. The zero value works.
type DialConfig struct {
	// Timeout is how long Dial takes at most, with all the addresses that it tries. 0: as
	// long as the kernel does.
	Timeout time.Duration
	// Local is the address to connect from. The zero value leaves it to the kernel.
	Local netip.AddrPort
	// KeepAlive and Delay are those of ListenConfig.
	KeepAlive time.Duration
	Delay     bool
}

// Dial connects to an address and returns the connection, which belongs to this loop. The
// network is "tcp", "tcp4", "tcp6" or "unix"; the address is that of net.Dial, with a port in
// numbers. It is called by a coroutine of the loop, which it suspends. A name is resolved on the
// Exec's goroutines for blocking work, and its addresses are tried one after the other.
func (r *Reactor) Dial(network, address string, cfg DialConfig) (*Conn, error) {
	co := r.l.Current()
	if co == nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: &dialError{address, ErrNotOnLoop}}
	}
	var c *Conn
	dial := func() (err error) {
		c, err = r.dial(co, network, address, cfg)
		return err
	}
	var err error
	if cfg.Timeout > 0 {
		err = co.Within(cfg.Timeout, dial)
	} else {
		err = dial()
	}
	if err != nil {
		r.counters[cDialErrors]++
		if _, ok := err.(*net.OpError); !ok {
			err = &net.OpError{Op: "dial", Net: network, Err: &dialError{address, err}}
		}
		return nil, err
	}
	r.counters[cDialled]++
	return c, nil
}

// dialError says what was dialled, and knows a timeout, as errors of package net do.
type dialError struct {
	address string
	err     error
}

func (e *dialError) Error() string { return e.address + ": " + e.err.Error() }
func (e *dialError) Unwrap() error { return e.err }

func (e *dialError) Timeout() bool {
	var t interface{ Timeout() bool }
	return errors.Is(e.err, exec.ErrTimeout) || errors.As(e.err, &t) && t.Timeout()
}

func (r *Reactor) dial(co *exec.Co, network, address string, cfg DialConfig) (*Conn, error) {
	if network == "unix" {
		if err := checkUnix(address); err != nil {
			return nil, err
		}
		return r.connect(co, target{unix: address}, cfg)
	}
	addrs, err := resolve(co, network, address)
	if err != nil {
		return nil, err
	}
	for _, a := range addrs {
		var c *Conn
		if c, err = r.connect(co, target{addr: a}, cfg); err == nil {
			if !c.toItself(cfg) {
				return c, nil
			}
			_ = c.SetLinger(0) // or the port would not be free for a minute, for whoever is to listen there
			_ = c.Close()
			err = sysError("connect", syscall.ECONNREFUSED)
		}
		if co.Err() != nil || exec.ErrTimeout == err {
			return nil, err
		}
	}
	return nil, err
}

// target is what to connect to.
type target struct {
	addr netip.AddrPort
	unix string
}

// connect connects to one address.
func (r *Reactor) connect(co *exec.Co, to target, cfg DialConfig) (*Conn, error) {
	fd, kind, err := sysSocket(to, cfg)
	if err != nil {
		return nil, err
	}
	c, err := r.newConn(fd, kind)
	if err != nil {
		return nil, err
	}
	c.ends = ends{remote: to.addr, unixRemote: to.unix}
	for {
		errno := sysConnect(fd, to)
		switch errno {
		case 0, syscall.EISCONN:
			c.connected()
			return c, nil
		case syscall.EINPROGRESS, syscall.EALREADY, syscall.EINTR:
			c.out.may = false
			if err = c.await(co, &c.out); err == nil {
				err = sysSocketError(fd)
			}
			if err == nil {
				c.connected()
				return c, nil
			}
		case syscall.EAGAIN: // the backlog of a Unix domain socket is full
			if err = co.Sleep(time.Millisecond); err == nil {
				continue
			}
		default:
			err = sysError("connect", errno)
		}
		_ = c.Close()
		return nil, err
	}
}

// connected notes that the socket can be used.
func (c *Conn) connected() {
	c.in.may, c.out.may = true, true
	if c.kind == kindTCP {
		c.ends.local = localAddrPort(c.fd)
	}
}

// toItself reports whether a connection has its two ends in one socket: TCP connects to a port of
// this machine at which nobody listens, if the kernel happens to pick it for this side, too. Who
// names it as Local means it.
func (c *Conn) toItself(cfg DialConfig) bool {
	return c.ends.local == c.ends.remote && cfg.Local.Port() == 0
}

// resolve returns the addresses of a TCP address, those of a name in the order of the resolver.
func resolve(co *exec.Co, network, address string) ([]netip.AddrPort, error) {
	host, service, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	family := ""
	switch network {
	case "tcp", "udp":
	case "tcp4", "udp4":
		family = "4"
	case "tcp6", "udp6":
		family = "6"
	default:
		return nil, net.UnknownNetworkError(network)
	}
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil {
		return nil, &net.AddrError{Err: fmt.Sprintf("the port is %q: it must be a number from 0 to 65535", service), Addr: address}
	}
	if host == "" {
		host = "127.0.0.1"
		if family == "6" {
			host = "::1"
		}
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return oneAddr(ip, uint16(port), family, address)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel() // whoever gives up does not leave the lookup on the blocking pool
	ips, err := exec.Blocking(co, func() ([]netip.Addr, error) {
		return net.DefaultResolver.LookupNetIP(ctx, "ip"+family, host)
	})
	if err != nil {
		return nil, err
	}
	addrs := make([]netip.AddrPort, 0, len(ips))
	for _, ip := range ips {
		addrs = append(addrs, netip.AddrPortFrom(ip.Unmap(), uint16(port)))
	}
	return addrs, nil
}

func oneAddr(ip netip.Addr, port uint16, family, address string) ([]netip.AddrPort, error) {
	ip = ip.Unmap()
	if family == "4" && !ip.Is4() || family == "6" && !ip.Is6() {
		return nil, &net.AddrError{Err: "no IPv" + family + " address", Addr: address}
	}
	return []netip.AddrPort{netip.AddrPortFrom(ip, port)}, nil
}
