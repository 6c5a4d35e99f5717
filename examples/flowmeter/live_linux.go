package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gopacket/gopacket/pcapgo"
	"golang.org/x/net/bpf"
)

// liveSource reads what passes an interface, through a packet socket.
//
// A filter in the kernel does two things for it: it cuts packets to the prefix that is kept, so
// that a 64 KB frame costs the copying of 256 bytes, and on the loopback interface, where every
// packet passes twice, it takes the incoming one only.
type liveSource struct {
	name   string
	h      *pcapgo.EthernetHandle
	link   link
	got    atomic.Uint64 // packets read
	closed atomic.Bool
	once   sync.Once
	lost   loss // written within once
}

// drainTime bounds how long close waits for the reader to empty the socket's buffer.
const drainTime = 200 * time.Millisecond

// ARPHRD numbers of /sys/class/net/*/type, by what a packet starts with on such an interface.
const (
	arphrdEther = 1
	arphrdLoop  = 772   // has Ethernet headers all the same
	arphrdTun   = 65534 // "none": IP at once
	arphrdIPIP  = 768
	arphrdIP6IP = 769
	arphrdSIT   = 776
)

// errNoRawSockets is in the chain of errors that say that this process may not, or this system
// cannot, capture: the demonstration goes on without.
var errNoRawSockets = errors.New("packet sockets are not available here")

// openLive starts to capture on an interface.
func openLive(name string) (source, error) {
	ifc, err := net.InterfaceByName(name)
	if err != nil {
		return nil, fmt.Errorf("no interface %q (there are: %s)", name, interfaces())
	}
	if ifc.Flags&net.FlagUp == 0 {
		return nil, fmt.Errorf("interface %s is down", name)
	}
	// pcapgo's errors do not keep the errno: ask the kernel for a socket first, and give it back.
	fd, err := syscall.Socket(syscall.AF_PACKET, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("capturing on %s: %w: %w (it takes root or CAP_NET_RAW)", name, errNoRawSockets, err)
	}
	_ = syscall.Close(fd)
	l, err := linkOfInterface(name)
	if err != nil {
		return nil, err
	}
	h, err := pcapgo.NewEthernetHandle(name)
	if err != nil {
		return nil, err
	}
	s := &liveSource{name: name, h: h, link: l}
	if err := s.begin(ifc.Flags&net.FlagLoopback != 0); err != nil {
		_ = h.Close()
		return nil, fmt.Errorf("capturing on %s: %w", name, err)
	}
	return s, nil
}

// interfaces lists the interfaces there are.
func interfaces() string {
	all, err := net.Interfaces()
	if err != nil {
		return err.Error()
	}
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name
	}
	return strings.Join(names, ", ")
}

// linkOfInterface finds out what packets start with on an interface.
func linkOfInterface(name string) (link, error) {
	b, err := os.ReadFile(filepath.Join("/sys/class/net", name, "type"))
	if err != nil {
		return linkEthernet, nil // no /sys here: nearly every interface is one
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0, fmt.Errorf("interface %s: type %q is not a number", name, b)
	}
	switch n {
	case arphrdEther, arphrdLoop:
		return linkEthernet, nil
	case arphrdTun, arphrdIPIP, arphrdIP6IP, arphrdSIT:
		return linkRaw, nil
	}
	return 0, fmt.Errorf("interface %s: hardware type %d is not supported (supported: Ethernet 1, loopback 772, plain IP 65534, 768, 769, 776)", name, n)
}

// begin sets the filter. The socket took everything from the moment it was bound, so that is
// shut off and thrown away before the capture counts as begun.
func (s *liveSource) begin(loopback bool) error {
	if err := s.filter(bpf.RetConstant{Val: 0}); err != nil {
		return err
	}
	st, err := s.h.Stats()
	if err != nil {
		return err
	}
	for n := st.Packets - st.Drops; n > 0; n-- {
		if _, _, err := s.h.ZeroCopyReadPacketData(); err != nil {
			return err
		}
	}
	if err := s.h.SetCaptureLength(prefixLen); err != nil {
		return err
	}
	if loopback {
		const outgoing = 4 // PACKET_OUTGOING
		return s.filter(
			bpf.LoadExtension{Num: bpf.ExtType},
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: outgoing, SkipTrue: 1},
			bpf.RetConstant{Val: prefixLen},
			bpf.RetConstant{Val: 0},
		)
	}
	if err := s.h.SetPromiscuous(true); err != nil {
		return err
	}
	return s.filter(bpf.RetConstant{Val: prefixLen})
}

// filter sets the kernel's filter: what it returns is how many bytes of a packet are captured.
func (s *liveSource) filter(p ...bpf.Instruction) error {
	raw, err := bpf.Assemble(p)
	if err != nil {
		return err
	}
	return s.h.SetBPF(raw)
}

// next implements source.
func (s *liveSource) next(p *packet) error {
	data, ci, err := s.h.ZeroCopyReadPacketData()
	if err != nil {
		if s.closed.Load() {
			return io.EOF
		}
		return fmt.Errorf("capturing on %s: %w", s.name, err)
	}
	s.got.Add(1)
	p.data, p.wire, p.ts, p.link = data, uint32(ci.Length), ci.Timestamp.UnixNano(), s.link
	p.tagged = len(ci.AncillaryData) > 0
	return nil
}

func (s *liveSource) describe() string { return "live on " + s.name }
func (s *liveSource) live() bool       { return true }

// loss implements source. It ends the capture if that has not been done.
func (s *liveSource) loss() loss {
	_ = s.close()
	return s.lost
}

// close lets no more packets in, gives the reader time to read what is in the socket's buffer,
// and then closes the socket, which ends a read that waits.
func (s *liveSource) close() (err error) {
	s.once.Do(func() {
		ferr := s.filter(bpf.RetConstant{Val: 0})
		var captured uint64
		for end := time.Now().Add(drainTime); ; time.Sleep(time.Millisecond) {
			st, serr := s.h.Stats() // since the last call
			if serr != nil {
				break
			}
			captured += uint64(st.Packets - st.Drops)
			s.lost.dropped += uint64(st.Drops)
			s.lost.unread = captured - min(captured, s.got.Load())
			if s.lost.unread == 0 || ferr != nil || time.Now().After(end) {
				break
			}
		}
		s.closed.Store(true)
		err = s.h.Close()
	})
	return err
}
