//go:build linux

package main

import (
	"context"
	"io"
	"net"

	"github.com/pushcore/pushcore/bench/internal/pattern"
)

// upstream serves each connection in a goroutine of its own, for ever.
func upstream(t task, serve func(c net.Conn, t task) error) error {
	cfg := net.ListenConfig{}
	cfg.SetMultipathTCP(false)
	ln, err := cfg.Listen(context.Background(), "tcp", t.addr)
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
			_ = serve(c, t) // it ends when the other side does
		}()
	}
}

// serveEcho sends back what comes.
func serveEcho(c net.Conn, _ task) error {
	buf := make([]byte, 16<<10)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return err
		}
		if _, err := c.Write(buf[:n]); err != nil {
			return err
		}
	}
}

// serveStream answers each byte with a stream.
func serveStream(c net.Conn, t task) error {
	text := pattern.Stream(t.size)
	one := make([]byte, 1)
	for {
		if _, err := io.ReadFull(c, one); err != nil {
			return err
		}
		if _, err := c.Write(text); err != nil {
			return err
		}
	}
}
