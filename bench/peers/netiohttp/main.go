// Command netiohttp is the HTTP server of the network table on netio alone: what it costs without a real parser, and the
// like of the gnet peer.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os/signal"
	"syscall"
	"time"

	"github.com/pushcore/pushcore/bench/internal/hello"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
	"github.com/pushcore/pushcore/exec/place"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "the `address` to listen on")
	workers := flag.Int("workers", 1, "loops, each on a cpu of its own")
	spin := flag.Duration("spin", -1, "how long an idle loop polls before it parks; negative: not at all")
	wait := flag.Bool("wait", false, "return netio.Wait between two requests, rather than suspend")
	flag.Parse()
	handle := func() netio.Handler { return serve }
	if *wait {
		handle = answerOnce
	}
	go hello.KeepDate()
	if err := run(*addr, *workers, *spin, handle); err != nil {
		log.Fatal(err)
	}
}

func run(addr string, workers int, spin time.Duration, handle func() netio.Handler) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	cpus, err := place.Choose(workers)
	if err != nil {
		return err
	}
	var execs []*exec.Exec
	for i, cpu := range cpus {
		x, err := exec.New(exec.Config{Name: fmt.Sprintf("worker%d", i), CPUs: place.Of(cpu), BestEffort: true, Spin: spin,
			OnStart: func(l *exec.Local) error {
				r, err := netio.New(l, netio.Config{})
				if err != nil {
					return err
				}
				_, err = r.Listen("tcp", addr, netio.ListenConfig{Handle: handle(), ReusePort: workers > 1})
				return err
			}})
		if err != nil {
			return err
		}
		if err := x.Start(); err != nil {
			return err
		}
		execs = append(execs, x)
	}
	<-ctx.Done()
	for _, x := range execs {
		x.Stop()
		err = errors.Join(err, x.Wait())
	}
	return err
}

// serve keeps its coroutine between two requests.
func serve(_ *exec.Co, c *netio.Conn) error {
	var out []byte
	for {
		err := c.Await()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if out, err = respond(c, out[:0]); err != nil {
			return err
		}
		if len(out) == 0 {
			if _, err := c.Peek(c.Buffered() + 1); err != nil { // a part of a request: the rest is to come
				return err
			}
		} else if _, err := c.Write(out); err != nil {
			return err
		}
	}
}

// respond consumes the requests that have come whole and appends their responses to out.
func respond(c *netio.Conn, out []byte) ([]byte, error) {
	b, err := c.Peek(0)
	if err != nil {
		return out, err
	}
	used := 0
	for used < len(b) {
		path, n, err := hello.Next(b[used:])
		if err != nil {
			return out, err
		}
		if n == 0 {
			break
		}
		out = hello.Append(out, path)
		used += n
	}
	c.Discard(used)
	return out, nil
}

// answerOnce returns a handler that answers what there is and waits without a coroutine. Its buffer is the loop's, so
// that what the kernel does not take at once is copied before anyone else may use it.
func answerOnce() netio.Handler {
	var shared []byte
	return func(_ *exec.Co, c *netio.Conn) error {
		_, err := c.Peek(c.Buffered() + 1) // more than there was, or it would not have been called
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if shared, err = respond(c, shared[:0]); err != nil {
			return err
		}
		n, err := c.TryWrite(shared)
		if err == nil && n < len(shared) {
			_, err = c.Write(append([]byte(nil), shared[n:]...))
		}
		if err != nil {
			return err
		}
		return netio.Wait
	}
}
