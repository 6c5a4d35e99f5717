package server_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/redis/config"
	"github.com/pushcore/pushcore/examples/redis/resp"
)

// child starts a server in a process of its own.
func child(t *testing.T, args ...string) (cmd *exec.Cmd, addr string) {
	t.Helper()
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childArgs+"="+strings.Join(args, "\n"))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return cmd, strings.TrimSpace(line)
}

// What was acknowledged with appendfsync always is there after kill -9.
func TestKill(t *testing.T) {
	start(t, 1, nil) // skips where there are no sockets
	for _, workers := range []int{1, 2} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			dir := t.TempDir()
			args := []string{"--port", "0", "--io-threads", fmt.Sprint(workers), "--appendonly", "yes", "--appendfsync", "always", "--dir", dir}
			cmd, addr := child(t, args...)
			const clients = 8
			var acked [clients]int // SETs of each that were acknowledged
			var total atomic.Int64
			var done sync.WaitGroup
			for i := range clients {
				c := dial(t, addr)
				done.Go(func() {
					for n := 0; ; n++ {
						// A SET, and a command on keys that may be in two places.
						wire := append(request("SET", fmt.Sprintf("c%d:%d", i, n), fmt.Sprint(n)), request("SADD", fmt.Sprintf("s%d:a", i), fmt.Sprint(n))...)
						wire = append(wire, request("SMOVE", fmt.Sprintf("s%d:a", i), fmt.Sprintf("s%d:b", i), fmt.Sprint(n))...)
						if _, err := c.Write(wire); err != nil {
							return
						}
						for _, want := range []string{resp.OK, ":1\r\n", ":1\r\n"} {
							if b, err := readReply(c.r, nil); err != nil || string(b) != want {
								return
							}
						}
						acked[i] = n + 1
						total.Add(1)
					}
				})
			}
			eventually(t, "enough was acknowledged", func() bool { return total.Load() > 300 })
			require.NoError(t, cmd.Process.Kill())
			done.Wait()
			_, addr = child(t, args...)
			c := dial(t, addr)
			for i, n := range acked {
				require.Positive(t, n)
				for k := range n {
					require.Equal(t, string(resp.AppendBulk(nil, fmt.Sprint(k))), c.do("GET", fmt.Sprintf("c%d:%d", i, k)))
					require.Equal(t, ":1\r\n", c.do("SISMEMBER", fmt.Sprintf("s%d:b", i), fmt.Sprint(k)))
				}
			}
		})
	}
}

// A server that starts with the log of another has what that had, whatever their workers.
func TestReplay(t *testing.T) {
	dir := t.TempDir()
	var now atomic.Int64
	now.Store(1_000_000)
	keep := func(o *config.Options) { o.AppendOnly, o.Dir, o.AppendFsync = true, dir, config.No }
	state := func(c *client) string {
		var all []string
		for _, key := range []string{"s", "n", "f", "l", "h", "set", "moved", "gone", "ttl", "copy", "m1", "m2", "u"} {
			all = append(all, c.do("TYPE", key), c.do("PEXPIRETIME", key), c.do("GET", key), c.do("LRANGE", key, "0", "-1"),
				sorted(c.do("HGETALL", key), true), sorted(c.do("SMEMBERS", key), false))
		}
		return strings.Join(append(all, c.do("DBSIZE")), "")
	}
	s := startAt(t, 3, now.Load, keep)
	c := dial(t, s.Addr())
	for _, line := range []string{
		"SET flushed 1", "FLUSHALL", "SET s 1", "APPEND s 2", "INCRBY n 5", "INCRBYFLOAT f 0.1", "INCRBYFLOAT f 0.2", "RPUSH l a b c d e f", "LMOVE l l LEFT RIGHT", "LPOP l", "LMPOP 2 none l RIGHT COUNT 2", "LMPOP 1 l LEFT",
		"HSET h f 1 g 2", "HINCRBYFLOAT h f 1.5", "HDEL h g", "SADD set a b c d e f", "SPOP set", "SPOP set 2", "SET x 1 EX 100", "RENAME x moved", "SET ttl 1 PX 5000", "GETEX ttl EX 50",
		"SET gone 1 PX 10", "COPY l copy", "MSET m1 1 m2 2", "SUNIONSTORE u set set", "SETNX m1 3", "GETDEL m2", "EXPIRE m1 1000",
	} {
		require.NotEqual(t, "-", c.do(strings.Fields(line)...)[:1], line)
	}
	now.Add(11)
	require.Equal(t, "$-1\r\n", c.do("GET", "gone"))
	want := state(c)
	stop(t, s)
	for _, workers := range []int{1, 2, 3} {
		s := startAt(t, workers, now.Load, keep)
		require.Equal(t, want, state(dial(t, s.Addr())))
		stop(t, s)
	}
	// What was being written when the server was killed is cut off; damage is an error.
	path := filepath.Join(dir, "appendonly.aof")
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, append(b, "*3\r\n$3\r\nSET\r\n$1\r\ns\r\n$5\r\nhal"...), 0o600))
	s = startAt(t, 1, now.Load, keep)
	require.Equal(t, want, state(dial(t, s.Addr())))
	stop(t, s)
	again, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(b), string(again))
}

// Nothing is acknowledged when the log cannot be written, and the server says so.
func TestLogFails(t *testing.T) {
	s := start(t, 1, func(o *config.Options) { o.AppendOnly, o.AppendFsync = true, config.Always })
	s.BreakLog()
	c := dial(t, s.Addr())
	c.send("SET", "k", "v")
	c.isClosed()
	<-s.Failed()
	require.ErrorIs(t, s.Shutdown(context.Background()), os.ErrClosed)
}
