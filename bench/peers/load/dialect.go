//go:build linux

package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"

	"github.com/pushcore/pushcore/bench/internal/loopback"
)

// dialect is what the open loop says, and what it wants to hear.
type dialect struct {
	packets bool                           // UDP
	request []byte                         // all requests have its length
	mark    func(b []byte, k uint64)       // makes b the k-th request of a flow; nil: all are the same
	length  int                            // of every answer, in bytes
	check   func(b []byte, k uint64) error // of an answer of that length to the k-th request
}

// echoes sends a number and a block, which is to come back.
func echoes(packets bool) func(task) (dialect, error) {
	return func(t task) (dialect, error) {
		if t.size < stampSize {
			return dialect{}, fmt.Errorf("-size %d: a request must have room for %d bytes", t.size, stampSize)
		}
		out := make([]byte, t.size)
		_, _ = rand.NewChaCha8([32]byte{1}).Read(out) // it does not fail
		block := bytes.Clone(out[stampSize:])
		return dialect{
			packets: packets, request: out, mark: binary.LittleEndian.PutUint64, length: t.size,
			check: func(b []byte, k uint64) error {
				if number(b) != k || !bytes.Equal(b[stampSize:], block) {
					return fmt.Errorf("%w: echo %d is not what was sent", errData, k)
				}
				return nil
			},
		}, nil
	}
}

// number is what an echo begins with.
func number(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

// get asks for a path. A server's answers differ in nothing but the date, so that the first one says how long all are;
// of the others the status and the body are looked at.
func get(path, body string) func(task) (dialect, error) {
	return func(t task) (d dialect, err error) {
		d.request = fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, t.addr)
		status, tail := []byte("HTTP/1.1 200 "), []byte("\r\n\r\n"+body)
		d.check = func(b []byte, k uint64) error {
			if !bytes.HasPrefix(b, status) || !bytes.HasSuffix(b, tail) {
				return fmt.Errorf("%w: request %d is answered with %q", errData, k, b)
			}
			return nil
		}
		err = with(t.addr, func(c net.Conn) error {
			if _, err := c.Write(d.request); err != nil {
				return err
			}
			first := make([]byte, 4096)
			for !bytes.HasSuffix(first[:d.length], tail) {
				n, err := c.Read(first[d.length:])
				d.length += n
				if err != nil {
					return fmt.Errorf("%w: %w, after %q", errData, err, first[:d.length])
				}
				if d.length == len(first) {
					return fmt.Errorf("%w: %q has no end", errData, first)
				}
			}
			return d.check(first[:d.length], 0)
		})
		return d, err
	}
}

// redisKeys is how many keys commands are spread over, at random.
const redisKeys = 100_000

// redisValue is what every key holds.
const redisValue = "abc"

// commands sends SET, or GET of keys that are all set before.
func commands(command string) func(task) (dialect, error) {
	set, setAnswer := fmt.Appendf(nil, "*3\r\n$3\r\nSET\r\n$16\r\nkey:%012d\r\n$3\r\n%s\r\n", 0, redisValue), "+OK\r\n"
	ask, askAnswer := fmt.Appendf(nil, "*2\r\n$3\r\nGET\r\n$16\r\nkey:%012d\r\n", 0), "$3\r\n"+redisValue+"\r\n"
	return func(t task) (dialect, error) {
		d, want := dialect{request: set}, setAnswer
		if command == "get" {
			if err := with(t.addr, func(c net.Conn) error { return fill(c, set, setAnswer) }); err != nil {
				return d, err
			}
			d.request, want = ask, askAnswer
		}
		random := rand.New(rand.NewPCG(1, 2))
		d.mark = func(b []byte, _ uint64) { setKey(b, random.IntN(redisKeys)) }
		d.length = len(want)
		d.check = func(b []byte, k uint64) error {
			if string(b) != want {
				return fmt.Errorf("%w: command %d is answered with %q, not %q", errData, k, b, want)
			}
			return nil
		}
		return d, nil
	}
}

// setKey writes a key's number into a command: those of its twelve digits that are not always 0.
func setKey(b []byte, key int) {
	last := bytes.IndexByte(b, ':') + 12
	for at := last; at > last-5; at-- {
		b[at] = '0' + byte(key%10)
		key /= 10
	}
}

// fill sets all keys, a thousand at once.
func fill(c net.Conn, set []byte, answer string) error {
	const batch = 1000
	want := bytes.Repeat([]byte(answer), batch)
	got, out := make([]byte, len(want)), make([]byte, 0, batch*len(set))
	for key := 0; key < redisKeys; out = out[:0] {
		for range batch {
			setKey(set, key)
			out = append(out, set...)
			key++
		}
		if _, err := c.Write(out); err != nil {
			return err
		}
		if _, err := io.ReadFull(c, got); err != nil {
			return err
		}
		if !bytes.Equal(got, want) {
			return fmt.Errorf("%w: SET is answered with %q", errData, got[:20])
		}
	}
	return nil
}

// with calls f with a connection that waits for nothing for ever.
func with(addr string, f func(c net.Conn) error) error {
	c, err := loopback.Dial(addr)
	if err != nil {
		return err
	}
	defer c.Close()
	return f(c)
}
