// Command udp is the UDP echo server of the network table as a loop on net.UDPConn.
package main

import (
	"flag"
	"log"
	"net"
	"net/netip"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "the `address` to listen on")
	flag.Parse()
	at, err := netip.ParseAddrPort(*addr)
	if err != nil {
		log.Fatal(err)
	}
	c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(at))
	if err != nil {
		log.Fatal(err)
	}
	buf := make([]byte, 2048)
	for {
		// The variants without allocations.
		n, from, err := c.ReadFromUDPAddrPort(buf)
		if err == nil {
			_, err = c.WriteToUDPAddrPort(buf[:n], from)
		}
		if err != nil {
			log.Fatal(err)
		}
	}
}
