//go:build linux

// Command idle is an echo server of which the network table wants to know what a connection costs that is idle. On
// SIGUSR1 it collects its garbage, gives the memory back, and says so.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

var modes = map[string]func(addr string) error{
	"wait":      func(addr string) error { return onNetio(addr, echoOnce) },
	"coroutine": func(addr string) error { return onNetio(addr, echo) },
	"goroutine": goroutines,
}

func main() {
	mode := flag.String("mode", "wait",
		"what a connection that is idle has: nothing but itself (wait), a coroutine, or a goroutine")
	addr := flag.String("addr", "127.0.0.1:8080", "the `address` to listen on")
	flag.Parse()
	run := modes[*mode]
	if run == nil {
		log.Fatalf("-mode %q: there is no such mode", *mode)
	}
	settle := make(chan os.Signal, 1)
	signal.Notify(settle, syscall.SIGUSR1)
	go func() {
		for range settle {
			runtime.GC() // what is in a sync.Pool needs two
			debug.FreeOSMemory()
			fmt.Println("settled")
		}
	}()
	log.Fatal(run(*addr))
}

// size is that of the buffer that each goroutine has.
const size = 512

func onNetio(addr string, h netio.Handler) error {
	x, err := exec.New(exec.Config{Spin: -1, OnStart: func(l *exec.Local) error {
		r, err := netio.New(l, netio.Config{})
		if err != nil {
			return err
		}
		_, err = r.Listen("tcp", addr, netio.ListenConfig{Handle: h})
		return err
	}})
	if err != nil {
		return err
	}
	return x.Run(context.Background())
}

// echoOnce sends back what there is, and waits for more without a coroutine.
func echoOnce(_ *exec.Co, c *netio.Conn) error {
	if err := answer(c); err != nil {
		return err
	}
	return netio.Wait
}

// echo waits in its coroutine, which has no buffer then either.
func echo(_ *exec.Co, c *netio.Conn) error {
	for {
		if err := answer(c); err != nil {
			return err
		}
	}
}

func answer(c *netio.Conn) error {
	b, err := c.Peek(1)
	if err != nil {
		return err
	}
	if _, err = c.Write(b); err != nil {
		return err
	}
	c.Discard(len(b))
	return nil
}

// goroutines serves each connection in a goroutine of its own, with a small buffer.
func goroutines(addr string) error {
	cfg := net.ListenConfig{}
	cfg.SetMultipathTCP(false)
	ln, err := cfg.Listen(context.Background(), "tcp", addr)
	if err != nil {
		return err
	}
	for {
		c, err := ln.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer c.Close()
			buf := make([]byte, size)
			for {
				n, err := c.Read(buf)
				if err != nil {
					return
				}
				if _, err := c.Write(buf[:n]); err != nil {
					return
				}
			}
		}()
	}
}
