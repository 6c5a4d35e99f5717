package main

// udpRows compare the packets of netio with a loop on net.UDPConn.
func udpRows() []row {
	return []row{{
		name:    "udp/echo=64B",
		does:    "UDP echo, 4 sockets with 32 packets of 64 bytes each on their way",
		udp:     true,
		servers: join(netioUDP(false), goUDP()),
		targets: []target{atMost("cpu-us/pkt", "netio", "udpconn", 0.75)},
		measure: loader{"udp-echo", 4, 64, "pkt"}.byItem(nil).measure,
	}, {
		name:    "udp/bulk=1400B",
		does:    "UDP echo of 4 flows, 42 packets of 1400 bytes at once, with GSO and GRO (udpconn: without, it has none)",
		udp:     true,
		servers: join(netioUDP(true), goUDP()),
		targets: []target{atMost("cpu-us/pkt", "netio", "udpconn", 0.35)},
		measure: loader{"udp-bulk", 4, 1400, "pkt"}.byItem(nil).measure,
	}}
}

func netioUDP(offload bool) []server {
	return goProcs(server{name: "netio", program: peer("netioudp"), args: func(a at) []string {
		args := addrFlag(a)
		if offload {
			args = append(args, "-offload")
		}
		return args
	}}, 1)
}

func goUDP() []server {
	return goProcs(server{name: "udpconn", program: peer("udp"), args: addrFlag}, 1)
}
