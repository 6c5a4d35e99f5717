//go:build linux

package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// idle opens connections, uses each of them once, says so, and holds them until it is told to end.
func idle(t task) (report, error) {
	conns, err := dial(t)
	defer func() {
		for _, c := range conns {
			_ = c.Close()
		}
	}()
	if err != nil {
		return report{}, err
	}
	for i, c := range conns {
		if err := once(c, t.size); err != nil {
			return report{}, fmt.Errorf("connection %d: %w", i, err)
		}
	}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
	fmt.Println("ready")
	<-ended
	return report{Items: uint64(len(conns))}, nil
}

func once(c net.Conn, size int) error {
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return err
	}
	out, in := bytes.Repeat([]byte{'x'}, size), make([]byte, size)
	if _, err := c.Write(out); err != nil {
		return err
	}
	if _, err := io.ReadFull(c, in); err != nil {
		return err
	}
	if !bytes.Equal(in, out) {
		return errData
	}
	return nil
}
