//go:build linux

package netio_test

import (
	"fmt"
	"net"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// A UDP server that shouts, without a coroutine: the handler is called with all that has
// come, and what it sends leaves with one system call.
func ExampleReactor_ListenPacket() {
	addr := make(chan net.Addr, 1)
	x, err := exec.New(exec.Config{OnStart: func(l *exec.Local) error {
		r, err := netio.New(l, netio.Config{})
		if err != nil {
			return err
		}
		c, err := r.ListenPacket("udp4", "127.0.0.1:0", netio.PacketConfig{
			Handle: func(c *netio.PacketConn, in []netio.Packet, out *netio.Batch) {
				for _, p := range in {
					for i, b := range p.Data {
						if 'a' <= b && b <= 'z' {
							p.Data[i] = b - 'a' + 'A'
						}
					}
					out.Send(&p) // to whom it came from
				}
			},
		})
		if err == nil {
			addr <- c.LocalAddr()
		}
		return err
	}})
	if err == nil {
		err = x.Start()
	}
	if err != nil {
		fmt.Println(err)
		return
	}

	client, err := net.Dial("udp", (<-addr).String())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Fprint(client, "hello")
	b := make([]byte, 100)
	n, _ := client.Read(b)
	fmt.Println(string(b[:n]))

	x.Stop()
	fmt.Println(x.Wait())
	// Output:
	// HELLO
	// <nil>
}

// The same in a coroutine, which may wait between packets for whatever it likes.
func ExamplePacketConn_ReadBatch() {
	serve := func(c *netio.PacketConn) error {
		ps := netio.NewPackets(netio.PacketBatch, 2048)
		for {
			n, err := c.ReadBatch(ps)
			if err != nil {
				return err
			}
			for at := 0; at < n; at++ {
				// One that cannot be sent does not keep the others.
				sent, _ := c.WriteBatch(ps[at:n])
				at += sent
			}
		}
	}
	_ = serve
}
