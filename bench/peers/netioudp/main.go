//go:build linux

// Command netioudp is the UDP echo server of the network table on netio.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "the `address` to listen on")
	offload := flag.Bool("offload", false, "have the kernel put packets together, and cut them up (GRO, GSO)")
	flag.Parse()
	x, err := exec.New(exec.Config{Spin: -1, OnStart: func(l *exec.Local) error {
		r, err := netio.New(l, netio.Config{})
		if err != nil {
			return err
		}
		_, err = r.ListenPacket("udp4", *addr, netio.PacketConfig{Handle: echo, GRO: *offload, GSO: *offload})
		return err
	}})
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(x.Run(context.Background()))
}

// echo sends back what comes, as it came: what the kernel has put together leaves together.
func echo(_ *netio.PacketConn, in []netio.Packet, out *netio.Batch) {
	for i := range in {
		out.Send(&in[i])
	}
}
