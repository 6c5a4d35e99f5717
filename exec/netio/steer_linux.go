package netio

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Steering is a program that the kernel runs for each new connection, or datagram, to pick
// one of the sockets that share an address: classic BPF whose result is the number of the
// socket, in the order in which they were bound.
type Steering []Instruction

// Instruction is one of classic BPF, as in <linux/filter.h>.
type Instruction struct {
	Code   uint16
	JT, JF uint8
	K      uint32
}

// SteerByCPU picks the socket whose number is that of the processor on which the packet came
// in, modulo n: the worker on that processor gets it, if the workers listen in the order of
// theirs.
func SteerByCPU(n int) Steering {
	return Steering{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: skfAdCPU},
		{Code: unix.BPF_ALU | unix.BPF_MOD | unix.BPF_K, K: uint32(n)},
		{Code: unix.BPF_RET | unix.BPF_A},
	}
}

// SteerByByte picks the socket by the byte at offset i of a datagram's payload, modulo n.
func SteerByByte(i, n int) Steering {
	return Steering{
		{Code: unix.BPF_LD | unix.BPF_B | unix.BPF_ABS, K: uint32(i)},
		{Code: unix.BPF_ALU | unix.BPF_MOD | unix.BPF_K, K: uint32(n)},
		{Code: unix.BPF_RET | unix.BPF_A},
	}
}

// SteerByKey picks the socket by the four bytes at offset at of a datagram's payload (a key, a
// flow, a connection ID), modulo n after they were mixed: multiplied by 2^32 divided by the
// golden ratio, of which the upper half counts (Knuth, The Art of Computer Programming 6.4). A
// datagram that is too short for the key goes to the first socket.
func SteerByKey(at, n int) Steering {
	return Steering{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: uint32(at)},
		{Code: unix.BPF_ALU | unix.BPF_MUL | unix.BPF_K, K: 0x9e3779b1},
		{Code: unix.BPF_ALU | unix.BPF_RSH | unix.BPF_K, K: 16},
		{Code: unix.BPF_ALU | unix.BPF_MOD | unix.BPF_K, K: uint32(n)},
		{Code: unix.BPF_RET | unix.BPF_A},
	}
}

// skfAdCPU is SKF_AD_OFF + SKF_AD_CPU: where a program finds the processor.
const skfAdCPU = 0xfffff000 + 36

func (s Steering) attach(fd int) error {
	if len(s) == 0 {
		return nil
	}
	prog := unix.SockFprog{Len: uint16(len(s)), Filter: (*unix.SockFilter)(unsafe.Pointer(unsafe.SliceData(s)))}
	return os.NewSyscallError("setsockopt SO_ATTACH_REUSEPORT_CBPF", unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_REUSEPORT_CBPF, &prog))
}
