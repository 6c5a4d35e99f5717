//go:build linux && (amd64 || arm64)

// Command netpoll is the HTTP server of the network table on cloudwego/netpoll: the least that answers the requests of
// the table, pipelined ones included.
package main

import (
	"context"
	"flag"
	"log"
	"net"

	"github.com/cloudwego/netpoll"

	"github.com/pushcore/pushcore/bench/internal/hello"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "the `address` to listen on")
	pollers := flag.Int("pollers", 1, "loops that wait for connections to have something")
	bare := flag.Bool("go", false, "handle what has come on a new goroutine each time, not on one of a pool")
	flag.Parse()
	cfg := netpoll.Config{PollerNum: *pollers}
	if *bare {
		cfg.Runner = func(_ context.Context, f func()) { go f() }
	}
	if err := netpoll.Configure(cfg); err != nil {
		log.Fatal(err)
	}
	lc := net.ListenConfig{}
	lc.SetMultipathTCP(false) // another protocol, and not what the others speak
	ln, err := lc.Listen(context.Background(), "tcp4", *addr)
	if err != nil {
		log.Fatal(err)
	}
	loop, err := netpoll.NewEventLoop(answer, netpoll.WithOnPrepare(prepare))
	if err != nil {
		log.Fatal(err)
	}
	go hello.KeepDate()
	log.Fatal(loop.Serve(ln))
}

// bufferKey is where a connection's context has the buffer for its responses.
type bufferKey struct{}

func prepare(netpoll.Connection) context.Context {
	return context.WithValue(context.Background(), bufferKey{}, new([]byte))
}

// answer answers all requests that have come, with one write. It is called again at once while something is left, so
// that it waits for the rest of a request itself.
func answer(ctx context.Context, c netpoll.Connection) error {
	r, w := c.Reader(), c.Writer()
	b, err := r.Peek(r.Len())
	if err != nil {
		return c.Close()
	}
	kept := ctx.Value(bufferKey{}).(*[]byte)
	out, used := (*kept)[:0], 0
	for used < len(b) {
		path, n, err := hello.Next(b[used:])
		if err != nil {
			return c.Close()
		}
		if n == 0 {
			break
		}
		out = hello.Append(out, path)
		used += n
	}
	*kept = out
	if used == 0 {
		if _, err := r.Peek(len(b) + 1); err != nil {
			return c.Close()
		}
		return nil
	}
	if r.Skip(used) != nil || r.Release() != nil {
		return c.Close()
	}
	if _, err := w.WriteBinary(out); err != nil { // it is not copied, and has been sent when Flush returns
		return c.Close()
	}
	if err := w.Flush(); err != nil {
		return c.Close()
	}
	return nil
}
