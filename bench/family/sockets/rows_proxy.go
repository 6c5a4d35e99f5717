package sockets

import (
	"fmt"
	"strconv"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

const (
	proxyConns = 64
	echoSize   = 1 << 10
	streamSize = 1 << 20
)

// proxyRows are those of examples/proxy, with one worker and one upstream.
func proxyRows() []row {
	echo := loader{"echo", proxyConns, echoSize, "req"}.byItem(checkEcho)
	return []row{{
		name:     "proxy/echo=1KB",
		does:     fmt.Sprintf("TCP proxy, %d connections, each echoes 1 KB", proxyConns),
		upstream: upstream("upstream-echo", echoSize),
		servers:  join(proxy(), haproxy()),
		wants:    []measure.Want{measure.Within("proxy", "haproxy", 1.0).In("cpu-us/req")},
		measure:  echo.measure,
		latency:  echo.latency(opener{mode: "open-echo", conns: proxyConns, size: echoSize, limit: mostAge}),
	}, {
		name:     "proxy/stream=1MB",
		does:     fmt.Sprintf("TCP proxy, %d connections, each asks for 1 MB again and again", proxyConns),
		upstream: upstream("upstream-stream", streamSize),
		servers:  join(proxy(), haproxy()),
		wants:    []measure.Want{measure.Within("proxy", "haproxy", 1.1).In("cpu-ms/GB")},
		measure:  loader{"stream", proxyConns, streamSize, "req"}.byGB(checkStream).measure,
	}}
}

func upstream(mode string, size int) *server {
	return &server{name: "upstream", program: loadProgram, args: func(a at) []string {
		return []string{"-mode", mode, "-addr", a.addr, "-size", strconv.Itoa(size)}
	}}
}

// proxy does not ask whether its only upstream lives: haproxy does not either.
func proxy() []server {
	return goProcs(server{name: "proxy", program: example("proxy"), args: func(a at) []string {
		return []string{"--listen", a.addr, "--upstreams", a.upstream, "--workers", "1", "--health-interval", "0"}
	}}, 1)
}

// haproxy is run as it comes, with splice, and with buffers as large as those of the proxy.
func haproxy() []server {
	s := server{name: "haproxy", program: installed("haproxy", "haproxy"), args: func(a at) []string {
		return []string{"-db", "-f", a.config}
	}}
	with := func(variant, global, defaults string) server {
		v := s
		v.variant, v.config = variant, func(a at) string {
			return fmt.Sprintf(haproxyConfig, global, defaults, a.addr, a.upstream)
		}
		return v
	}
	return []server{
		with("", "", ""),
		with("splice", "", "option splice-auto"),
		with("64K", "tune.bufsize 65536", ""),
	}
}

const haproxyConfig = `global
	nbthread 1
	maxconn 4000
	%s
defaults
	mode tcp
	timeout connect 5s
	timeout client 60s
	timeout server 60s
	%s
frontend in
	bind %s
	default_backend out
backend out
	server up %s
`
