package sockets

import (
	"fmt"
	"io"

	"github.com/pushcore/pushcore/bench/internal/loopback"
)

// checkRedis compares some replies with those that Redis gives, to commands one by one and to many at once.
func checkRedis(addr string) error {
	c, err := loopback.Dial(addr)
	if err != nil {
		return err
	}
	defer c.Close()
	for _, step := range []struct{ send, want string }{
		{"*1\r\n$4\r\nPING\r\n", "+PONG\r\n"},
		{"*3\r\n$3\r\nSET\r\n$5\r\ncheck\r\n$4\r\n\x00\r\n\xff\r\n", "+OK\r\n"},
		{"*2\r\n$3\r\nGET\r\n$5\r\ncheck\r\n", "$4\r\n\x00\r\n\xff\r\n"},
		{"*2\r\n$3\r\nDEL\r\n$5\r\ncheck\r\n*2\r\n$3\r\nGET\r\n$5\r\ncheck\r\n", ":1\r\n$-1\r\n"},
		{"*3\r\n$3\r\nSET\r\n$5\r\ncheck\r\n$1\r\n7\r\n*2\r\n$4\r\nINCR\r\n$5\r\ncheck\r\n" +
			"*2\r\n$3\r\nDEL\r\n$5\r\ncheck\r\n", "+OK\r\n:8\r\n:1\r\n"},
	} {
		if _, err := io.WriteString(c, step.send); err != nil {
			return err
		}
		got := make([]byte, len(step.want))
		if n, err := io.ReadFull(c, got); err != nil {
			return fmt.Errorf("data error: %q is answered with %q: %w", step.send, got[:n], err)
		}
		if string(got) != step.want {
			return fmt.Errorf("data error: %q is answered with %q, not %q", step.send, got, step.want)
		}
	}
	return nil
}
