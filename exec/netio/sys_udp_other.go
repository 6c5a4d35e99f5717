//go:build !linux

package netio

import (
	"net/netip"
	"syscall"
)

// Nothing here is ever called: see sys_other.go.

func sysPacketSocket(string, string, *PacketConfig) (int, error) { return -1, errNone }
func sysSendPacket(int, []byte, netip.AddrPort) syscall.Errno    { return errNone }
func sysReceivePacket(int, []byte) (int, netip.AddrPort, syscall.Errno) {
	return 0, netip.AddrPort{}, errNone
}
func sysDrops(int) (uint32, error) { return 0, errNone }

type messages struct{}

func (*messages) make(bool)                                   {}
func (*messages) buffer(int, []byte)                          {}
func (*messages) room(int) []byte                             { return nil }
func (*messages) forget(int)                                  {}
func (*messages) renew(bool)                                  {}
func (*messages) expect(int, bool)                            {}
func (*messages) receive(int, int) (int, syscall.Errno)       { return 0, errNone }
func (*messages) unpack(int, *Packet, []byte)                 {}
func (*messages) pack(int, *Packet)                           {}
func (*messages) begin(int, int, []byte, netip.AddrPort, int) {}
func (*messages) extend(int, int, []byte, int) bool           { return false }
func (*messages) send(int, int, int) (int, syscall.Errno)     { return 0, errNone }
func (*messages) bytes(int) int                               { return 0 }
func (*messages) count(int) uint64                            { return 0 }
func (*messages) runs(int) int                                { return 0 }
func (*messages) part(int, int) []byte                        { return nil }
func (*messages) sendPart(int, int, []byte) syscall.Errno     { return errNone }
