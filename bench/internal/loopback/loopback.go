// Package loopback is the connections of programs that check servers on the same machine.
package loopback

import (
	"net"
	"time"
)

// patience is how long a connection may take, all in all.
const patience = 20 * time.Second

// Dial connects to a server. A server that does not answer ends what is done with the connection in an error.
func Dial(addr string) (net.Conn, error) {
	c, err := net.DialTimeout("tcp", addr, patience)
	if err != nil {
		return nil, err
	}
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// Serve runs f on each connection to a new listener, and closes the connection when f returns. stop closes the listener
// and does not wait for f.
func Serve(f func(c net.Conn)) (addr string, stop func(), err error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				f(c)
			}()
		}
	}()
	return ln.Addr().String(), func() { _ = ln.Close() }, nil
}
