//go:build linux

// Command gnet is the HTTP server of the network table on panjf2000/gnet: the least that answers the requests of the
// table, pipelined ones included.
package main

import (
	"flag"
	"log"

	"github.com/panjf2000/gnet/v2"
	"github.com/panjf2000/gnet/v2/pkg/logging"

	"github.com/pushcore/pushcore/bench/internal/hello"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "the `address` to listen on")
	loops := flag.Int("loops", 1, "event loops")
	lock := flag.Bool("lock", false, "lock each loop to a thread of its own")
	flag.Parse()
	go hello.KeepDate()
	log.Fatal(gnet.Run(&engine{}, "tcp://"+*addr,
		gnet.WithNumEventLoop(*loops), gnet.WithLockOSThread(*lock), gnet.WithLogLevel(logging.ErrorLevel)))
}

type engine struct {
	gnet.BuiltinEventEngine
}

// OnOpen gives the connection a buffer for its responses.
func (e *engine) OnOpen(c gnet.Conn) ([]byte, gnet.Action) {
	c.SetContext(new([]byte))
	return nil, gnet.None
}

// OnTraffic answers all requests that have come, with one Write.
func (e *engine) OnTraffic(c gnet.Conn) gnet.Action {
	b, err := c.Peek(-1)
	if err != nil {
		return gnet.Close
	}
	kept := c.Context().(*[]byte)
	out, used := (*kept)[:0], 0
	for used < len(b) {
		path, n, err := hello.Next(b[used:])
		if err != nil {
			return gnet.Close
		}
		if n == 0 {
			break
		}
		out = hello.Append(out, path)
		used += n
	}
	*kept = out
	if used == 0 { // a part of a request: to gnet, Discard of nothing is Discard of all
		return gnet.None
	}
	if _, err := c.Discard(used); err != nil {
		return gnet.Close
	}
	if _, err := c.Write(out); err != nil {
		return gnet.Close
	}
	return gnet.None
}
