//go:build linux

// Command load is the client of the network table where no usual one fits, and the upstream of its proxies. It checks
// every byte that it gets, and prints one line of JSON:
//
//	load -mode echo -addr A -conns 64 -size 1024 -for 3s    send size bytes, wait for them to come back
//	load -mode stream -addr A -conns 64 -size 1048576       send one byte, get size bytes of a pattern
//	load -mode udp-echo, -mode udp-bulk                     the same over UDP, see udp.go
//	load -mode open-echo -addr A -conns 64 -rate 1e4 -for 1s  send when it is due, see open.go; also open-udp-echo,
//	                                                        open-plaintext, open-json, open-redis-set, open-redis-get
//	load -mode idle -addr A -conns 10000                    open connections, echo once, and hold them
//	load -mode upstream-echo, -mode upstream-stream -addr A serve those
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"time"

	"github.com/pushcore/pushcore/bench/internal/hello"
	"github.com/pushcore/pushcore/bench/internal/measure"
)

// task is what the command line asks for.
type task struct {
	addr  string
	conns int
	size  int
	span  time.Duration

	// Of the open loop.
	rate  float64       // requests a second, on all connections together
	limit time.Duration // what takes longer is lost
	queue int           // so many requests of a connection may wait, or be under way
}

// report is what is printed.
type report struct {
	Items   uint64  `json:"items"`   // echoes, streams, packets
	Bytes   uint64  `json:"bytes"`   // received
	Lost    uint64  `json:"lost"`    // packets that did not come back
	Seconds float64 `json:"seconds"` // that it took
	P50     float64 `json:"p50_us"`  // of an item
	P99     float64 `json:"p99_us"`

	// Of the open loop.
	Refused uint64           `json:"refused,omitempty"` // requests for which the queue had no room
	Metrics []measure.Metric `json:"metrics,omitempty"`
}

var modes = map[string]func(task) (report, error){
	"echo":            echo,
	"stream":          stream,
	"udp-echo":        udpEcho,
	"udp-bulk":        udpBulk,
	"idle":            idle,
	"open-echo":       openLoop(echoes(false)),
	"open-udp-echo":   openLoop(echoes(true)),
	"open-plaintext":  openLoop(get("/plaintext", hello.Text)),
	"open-json":       openLoop(get("/json", string(hello.JSON()))),
	"open-redis-set":  openLoop(commands("set")),
	"open-redis-get":  openLoop(commands("get")),
	"upstream-echo":   func(t task) (report, error) { return report{}, upstream(t, serveEcho) },
	"upstream-stream": func(t task) (report, error) { return report{}, upstream(t, serveStream) },
}

func main() {
	var t task
	mode := flag.String("mode", "", "what to do: see the source")
	flag.StringVar(&t.addr, "addr", "", "the `address` of the server, or to listen on")
	flag.IntVar(&t.conns, "conns", 64, "connections")
	flag.IntVar(&t.size, "size", 1024, "`bytes` of a request or a stream")
	flag.DurationVar(&t.span, "for", 3*time.Second, "how long")
	flag.Float64Var(&t.rate, "rate", 1000, "requests that are due in a `second`, of the open loop")
	flag.DurationVar(&t.limit, "limit", time.Second, "how long an answer may take, in the open loop")
	flag.IntVar(&t.queue, "queue", 4096, "`requests` of a connection that may wait or be under way, in the open loop")
	flag.Parse()
	log.SetFlags(0)
	run := modes[*mode]
	if run == nil {
		log.Fatalf("-mode %q: there is no such mode", *mode)
	}
	if t.conns < 1 || t.size < 1 || t.span <= 0 {
		log.Fatalf("-conns %d, -size %d and -for %v must be positive", t.conns, t.size, t.span)
	}
	r, err := run(t)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(r)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// errData, wrapped, says that what came back is not what was sent.
var errData = errors.New("data error")

// dial opens all connections, so that nobody waits for one when the clock runs.
func dial(t task) (conns []net.Conn, err error) {
	for i := range t.conns {
		c, err := net.DialTimeout("tcp", t.addr, 20*time.Second)
		if err != nil {
			return conns, fmt.Errorf("connection %d: %w", i, err)
		}
		conns = append(conns, c)
	}
	return conns, nil
}
