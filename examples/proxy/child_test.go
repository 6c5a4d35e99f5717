package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// childRole is what this binary is when a test has started it as a process of its own.
const childRole = "PROXY_TEST_CHILD"

func TestMain(m *testing.M) {
	switch role := os.Getenv(childRole); role {
	case "":
		os.Exit(m.Run())
	case "proxy":
		main()
	default:
		childEcho(role == "small")
	}
}

// childEcho is an upstream that also makes connections: each line of its input is an address
// and a number, and it answers when so many connections to there have each had an echo.
func childEcho(smallBacklog bool) {
	ln, err := childListen(smallBacklog)
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				fmt.Println("error:", err)
				os.Exit(1)
			}
			go echo(c)
		}
	}()
	fmt.Println(ln.Addr())
	var keep []net.Conn
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		var addr string
		var n int
		if _, err := fmt.Sscan(in.Text(), &addr, &n); err != nil {
			fmt.Println("error:", err)
			continue
		}
		conns, err := childDial(addr, n)
		keep = append(keep, conns...)
		if err != nil {
			fmt.Println("error:", err)
			continue
		}
		fmt.Println("ok", len(keep))
	}
	os.Exit(0) // the test has ended
}

// childDial makes n connections that each echo a byte.
func childDial(addr string, n int) ([]net.Conn, error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	var failed error
	conns := make([]net.Conn, n)
	const dialers = 16
	for d := range dialers {
		wg.Go(func() {
			for i := d; i < n; i += dialers {
				c, err := net.DialTimeout("tcp", addr, limit)
				if err == nil {
					conns[i] = c
					_ = c.SetDeadline(time.Now().Add(limit))
					if _, err = c.Write([]byte{byte(i)}); err == nil {
						_, err = io.ReadFull(c, make([]byte, 1))
					}
				}
				if err != nil {
					mu.Lock()
					failed = err
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	return conns, failed
}

// child is a process that a test has started.
type child struct {
	*exec.Cmd
	t    *testing.T
	in   io.WriteCloser
	out  *bufio.Scanner
	addr string
}

func startChild(t *testing.T, role string, args ...string) *child {
	t.Helper()
	c := &child{Cmd: exec.Command(os.Args[0], args...), t: t}
	c.Env = append(os.Environ(), childRole+"="+role)
	c.Stderr = os.Stderr
	var err error
	c.in, err = c.StdinPipe()
	require.NoError(t, err)
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	c.out = bufio.NewScanner(out)
	require.NoError(t, c.Start())
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	if role != "proxy" {
		c.addr = c.line()
	}
	return c
}

// line returns the next line that the child prints.
func (c *child) line() string {
	c.t.Helper()
	late := time.AfterFunc(3*limit, func() { _ = c.Process.Kill() })
	defer late.Stop()
	require.True(c.t, c.out.Scan(), "the child prints nothing")
	require.False(c.t, strings.HasPrefix(c.out.Text(), "error:"), c.out.Text())
	return c.out.Text()
}

// dial has the child make connections.
func (c *child) dial(addr string, n int) {
	c.t.Helper()
	_, err := fmt.Fprintln(c.in, addr, n)
	require.NoError(c.t, err)
	require.True(c.t, strings.HasPrefix(c.line(), "ok"))
}

// rest returns all that the child prints until it ends.
func (c *child) rest() string {
	var b strings.Builder
	late := time.AfterFunc(3*limit, func() { _ = c.Process.Kill() })
	defer late.Stop()
	for c.out.Scan() {
		b.WriteString(c.out.Text() + "\n")
	}
	return b.String()
}

// listens reports whether somebody listens on an address.
func listens(addr string) bool {
	c, err := net.Dial("tcp", addr)
	if err == nil {
		_ = c.Close()
	}
	return err == nil
}
