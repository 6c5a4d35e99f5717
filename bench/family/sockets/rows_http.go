package sockets

import (
	"strconv"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

// httpRows are those of examples/httpd.
func httpRows() []row {
	plain := func(pipeline int) load { return wrk{"/plaintext", 1, 64, pipeline}.load(checkPlaintext) }
	json := wrk{"/json", 12, 500, 0}.load(checkJSON)
	const ours = "httpd"
	rows := []row{{
		name:    "httpd/plaintext/conns=64",
		does:    "GET /plaintext, 64 connections (wrk -t1 -c64)",
		servers: join(httpd(1), gnetHTTP(1), netpollHTTP(1), fastHTTP(1), netHTTP(1), nginx()),
		wants: []measure.Want{
			measure.Within(ours, "gnet", 1.0).In("cpu-us/req"),
			measure.Within(ours, "fasthttp", 0.9).In("cpu-us/req"),
			measure.Within(ours, "nethttp", 0.6).In("cpu-us/req"),
		},
		measure: plain(0).measure,
		latency: plain(0).latency(opener{mode: "open-plaintext", conns: 64, limit: mostAge}),
	}, {
		name:    "httpd/plaintext/pipeline=16",
		does:    "GET /plaintext, 64 connections, 16 requests at once",
		servers: join(httpd(1), gnetHTTP(1), netpollHTTP(1), nginx()),
		wants:   []measure.Want{measure.Within(ours, "gnet", 0.95).In("cpu-us/req")},
		measure: plain(16).measure,
	}}
	for _, workers := range []int{1, 2} {
		r := row{
			name:    "httpd/json/conns=500/workers=" + strconv.Itoa(workers),
			does:    "GET /json (wrk -t12 -c500 -d20s)",
			servers: join(httpd(workers), tokio(workers), netHTTP(workers)),
			wants: []measure.Want{
				measure.Within(ours, "nethttp", 0.6).In("cpu-us/req"),
				measure.Within(ours, "tokio", 1.0).In("cpu-us/req"),
				measure.Below(ours, 100_000, " us").In("p99-us"),
			},
			amount:  int((20 * time.Second).Milliseconds()),
			rounds:  6,
			shared:  workers > 1,
			measure: json.measure,
		}
		if workers == 1 { // with two, a client that never sleeps would have a cpu of theirs
			r.latency = json.latency(opener{mode: "open-json", conns: 500, limit: mostAge})
		}
		rows = append(rows, r)
	}
	return rows
}

func join(lists ...[]server) (all []server) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// goProcs returns the variants of a Go server: on one core with one and with two threads to run Go code, on two cores
// with two.
func goProcs(s server, workers int) []server {
	if workers > 1 {
		return procs(s, workers)
	}
	return procs(s, 1, 2)
}

func httpd(workers int) []server {
	return goProcs(server{name: "httpd", program: example("httpd"), args: func(a at) []string {
		return []string{"--addr", a.addr, "--workers", strconv.Itoa(workers)}
	}}, workers)
}

func gnetHTTP(workers int) []server {
	s := server{name: "gnet", program: peer("gnet"), args: func(a at) []string {
		return []string{"-addr", a.addr, "-loops", strconv.Itoa(workers)}
	}}
	lock := s.with("lock")
	lock.args = func(a at) []string { return append(s.args(a), "-lock") }
	return join(goProcs(s, workers), goProcs(lock, workers))
}

// netpollHTTP handles what has come on goroutines of a pool, as netpoll does unless told otherwise, and on new ones.
func netpollHTTP(workers int) []server {
	s := server{name: "netpoll", program: peer("netpoll"), args: func(a at) []string {
		return []string{"-addr", a.addr, "-pollers", strconv.Itoa(workers)}
	}}
	bare := s.with("go")
	bare.args = func(a at) []string { return append(s.args(a), "-go") }
	return join(goProcs(s, workers), goProcs(bare, workers))
}

func fastHTTP(workers int) []server {
	return goProcs(server{name: "fasthttp", program: peer("fasthttp"), args: addrFlag}, workers)
}

func netHTTP(workers int) []server {
	return goProcs(server{name: "nethttp", program: peer("nethttp"), args: addrFlag}, workers)
}

func addrFlag(a at) []string { return []string{"-addr", a.addr} }

// tokio with one worker is also run on the runtime that has none but the calling thread.
func tokio(workers int) []server {
	s := server{name: "tokio", program: tokioHTTP, args: func(a at) []string {
		return []string{a.addr, strconv.Itoa(workers)}
	}}
	if workers > 1 {
		return []server{s}
	}
	current := s.with("current")
	current.args = func(a at) []string { return []string{a.addr, "0"} }
	return []server{s, current}
}
