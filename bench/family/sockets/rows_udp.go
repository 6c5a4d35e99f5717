package sockets

import "github.com/pushcore/pushcore/bench/internal/measure"

// bulkFlows are as many as fit into the socket buffer that a system has as its default: a server that loses packets has
// less to do.
const bulkFlows = 2

const udpSockets = 4

// udpRows compare the packets of netio with a loop on net.UDPConn.
func udpRows() []row {
	echo := loader{"udp-echo", udpSockets, 64, "pkt"}.byItem(nil)
	return []row{{
		name:    "udp/echo=64B",
		does:    "UDP echo, 4 sockets with 32 packets of 64 bytes each on their way",
		udp:     true,
		servers: join(netioUDP(), goUDP()),
		wants: []measure.Want{
			measure.Within("netio", "udpconn", 0.75).In("cpu-us/pkt"),
			measure.Within("netio-offload", "udpconn", 0.75).In("cpu-us/pkt"),
		},
		measure: echo.measure,
		latency: echo.latency(opener{mode: "open-udp-echo", conns: udpSockets, size: 64, limit: mostAgeUDP}),
	}, {
		name:    "udp/bulk=1400B",
		does:    "UDP echo, 2 flows that send 42 packets of 1400 bytes at once (GSO)",
		udp:     true,
		servers: join(netioUDP(), goUDP()),
		wants:   []measure.Want{measure.Within("netio-offload", "udpconn", 0.35).In("cpu-us/pkt")},
		measure: loader{"udp-bulk", bulkFlows, 1400, "pkt"}.byItem(nil).measure,
	}}
}

// netioUDP is run without and with the kernel's offload, which pays also where it only sends together what has come
// packet by packet.
func netioUDP() []server {
	s := server{name: "netio", program: peer("netioudp"), args: addrFlag}
	offload := s
	offload.name, offload.args = "netio-offload", func(a at) []string { return append(addrFlag(a), "-offload") }
	return join(goProcs(s, 1), goProcs(offload, 1))
}

func goUDP() []server {
	return goProcs(server{name: "udpconn", program: peer("udp"), args: addrFlag}, 1)
}
