//go:build linux

package netio_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// serve starts an Exec that serves connections on a free port.
func serve(h netio.Handler) (x *exec.Exec, addr net.Addr) {
	var ln *netio.Listener
	x, err := exec.New(exec.Config{Spin: -1, OnStart: func(l *exec.Local) error {
		r, err := netio.New(l, netio.Config{})
		if err != nil {
			return err
		}
		ln, err = r.Listen("tcp", "127.0.0.1:0", netio.ListenConfig{Handle: h})
		return err
	}})
	if err != nil {
		panic(err)
	}
	if err := x.Start(); err != nil {
		panic(err)
	}
	return x, ln.Addr()
}

// An echo server. What takes a net.Conn, io.Copy here, takes a Conn.
func Example() {
	x, addr := serve(func(co *exec.Co, c *netio.Conn) error {
		_, err := io.Copy(c, c)
		return err
	})
	client, err := net.Dial("tcp", addr.String())
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(client, "hello")
	line, err := bufio.NewReader(client).ReadString('\n')
	fmt.Print(line, err, "\n")
	_ = client.Close()
	_, err = x.Drain(context.Background())
	fmt.Println(err)
	// Output:
	// hello
	// <nil>
	// <nil>
}

// A server of lines whose idle connections have neither stack nor buffer: the handler
// returns Wait when it has used up what came, and is called again when there is more.
func ExampleHandler_wait() {
	x, addr := serve(func(co *exec.Co, c *netio.Conn) error {
		lines, _ := c.Data.(int)
		for {
			b, err := c.Peek(c.Buffered() + 1) // more than there was
			if err != nil {
				return err
			}
			for {
				i := bytes.IndexByte(b, '\n')
				if i < 0 {
					break
				}
				lines++
				if _, err := fmt.Fprintf(c, "%d: %s\n", lines, b[:i]); err != nil {
					return err
				}
				c.Discard(i + 1)
				b = b[i+1:]
			}
			if c.Data = lines; len(b) == 0 {
				return netio.Wait
			}
		}
	})
	client, err := net.Dial("tcp", addr.String())
	if err != nil {
		panic(err)
	}
	r := bufio.NewReader(client)
	for _, s := range []string{"a\nb\n", "c\n"} {
		fmt.Fprint(client, s)
		for range len(s) / 2 {
			line, _ := r.ReadString('\n')
			fmt.Print(line)
		}
	}
	_ = client.Close()
	_, err = x.Drain(context.Background())
	fmt.Println(err)
	// Output:
	// 1: a
	// 2: b
	// 3: c
	// <nil>
}

// An outgoing connection, with one limit for all that is done with it.
func ExampleReactor_Dial() {
	_, addr := serve(func(co *exec.Co, c *netio.Conn) error {
		_, err := c.Write([]byte("what time is it?\n"))
		return err
	})
	done := make(chan struct{})
	x, err := exec.New(exec.Config{Spin: -1, OnStart: func(l *exec.Local) error {
		r, err := netio.New(l, netio.Config{})
		if err != nil {
			return err
		}
		return l.Go(func(co *exec.Co) {
			defer close(done)
			c, err := r.Dial("tcp", addr.String(), netio.DialConfig{})
			if err != nil {
				fmt.Println(err)
				return
			}
			defer func() { _ = c.Close() }()
			line, err := bufio.NewReader(c).ReadString('\n')
			fmt.Print(line, err, "\n")
		})
	}})
	if err != nil {
		panic(err)
	}
	if err := x.Start(); err != nil {
		panic(err)
	}
	<-done
	x.Stop()
	// Output:
	// what time is it?
	// <nil>
}
