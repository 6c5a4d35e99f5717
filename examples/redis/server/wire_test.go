package server_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/redis/config"
	"github.com/pushcore/pushcore/examples/redis/resp"
	"github.com/pushcore/pushcore/examples/redis/server"
)

// What is wrong with the input gets the reply of Redis, which then closes the connection.
func TestProtocolErrors(t *testing.T) {
	ref := reference(t)
	s := start(t, 2, nil)
	for _, in := range []string{
		"*x\r\n", "*1\r\n:1\r\n", "*1\r\nGET\r\n", "*1\r\n$x\r\n", "*1\r\n$-1\r\n", "*1\r\n$536870913\r\n", "*2147483648\r\n", "*1\r\n\n\r\n",
		"*" + strings.Repeat("1", 70000), "*1\r\n$" + strings.Repeat("1", 70000), strings.Repeat("x", 70000),
		"GET \"a\r\n", "GET 'a\r\n", "GET \"a\"b\r\n", "*2\r\n$3\r\nGET\r\n$01\r\na\r\n",
		"\r\n\r\n*0\r\n*-1\r\nPING\r\nSET k \"a\\x41\\n\\\"\"\r\nGET k\r\nget 'k'\nPING 'it\\'s'\r\nQUIT\r\n",
		"PING\r\n*1\r\n$4\r\nPING\r\n  PING  x  \r\n*1\r\n$x\r\nPING\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\n\r\n",
		"PING\r\nCLIENT REPLY OFF\r\nGET a\r\n*1\r\n$x\r\n", "PING\r\nCLIENT REPLY OFF\r\nCLIENT REPLY ON\r\n*1\r\n$x\r\n",
	} {
		var got [2]string
		for i, addr := range []string{ref, s.Addr()} {
			c := dial(t, addr)
			_, err := c.Write([]byte(in))
			require.NoError(t, err)
			b, _ := io.ReadAll(c.r)
			got[i] = string(b)
		}
		require.Equal(t, got[0], got[1], "%.80q", in)
	}
}

// The replies do not depend on where the network cuts the input.
func TestSplit(t *testing.T) {
	for seed := range uint64(8) {
		g := generator{rand.New(rand.NewPCG(seed, 5))}
		var wire []byte
		var sent [][]string
		n := 150
		for range n {
			sent = append(sent, g.next())
			wire = append(wire, request(sent[len(sent)-1]...)...)
		}
		wire = append(wire, request("SET", "big", strings.Repeat("x", 50<<10))...)
		wire = append(wire, request("STRLEN", "big")...)
		var got [2][]string
		for i := range got {
			c := dial(t, start(t, 1, nil).Addr())
			go func() {
				for rest := wire; len(rest) > 0; {
					k := len(rest)
					if i == 1 {
						k = min(k, 1+g.IntN(600))
						time.Sleep(20 * time.Microsecond)
					}
					_, _ = c.Write(rest[:k])
					rest = rest[k:]
				}
			}()
			for range n + 2 {
				got[i] = append(got[i], c.reply())
			}
		}
		require.Equal(t, ":51200\r\n", got[0][n+1])
		for i, args := range sent {
			if !same(args, got[0][i], got[1][i]) {
				t.Fatalf("seed %d, reply %d to %q: %q and %q", seed, i, args, got[0][i], got[1][i])
			}
		}
	}
}

// A client that asks for much and reads nothing costs a bounded amount of memory, and nobody
// else anything. When it reads it gets all.
func TestSlowReader(t *testing.T) {
	const size, keys = 1 << 20, 4
	asked := 150
	if testing.Short() {
		asked = 60
	}
	value := strings.Repeat("v", size)
	want := string(resp.AppendBulk(nil, value))
	for _, workers := range []int{1, 2} {
		s := start(t, workers, nil)
		other := dial(t, s.Addr())
		for k := range keys { // one of them is likely to be on another shard than the client
			key := fmt.Sprint("k", k)
			require.Equal(t, resp.OK, other.do("SET", key, value))
			before := heap()
			c := dial(t, s.Addr())
			go func() {
				for range asked {
					_, _ = c.Write(request("GET", key))
				}
			}()
			for range 50 {
				require.Equal(t, resp.Pong, other.do("PING"))
				time.Sleep(time.Millisecond)
			}
			for i := range asked {
				if i%50 == 20 {
					require.Less(t, heap(), before+48<<20, "while reply %d of %d is read", i, asked)
				}
				if c.reply() != want {
					t.Fatalf("reply %d is another one", i)
				}
			}
		}
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A request that announces much and sends little takes little; one that is longer than the
// limit ends the connection.
func TestLongRequests(t *testing.T) {
	s := start(t, 1, func(o *config.Options) { o.QueryLimit = 1 << 20 })
	before := heap()
	var all []*client
	for range 50 {
		c := dial(t, s.Addr())
		_, err := c.Write([]byte("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$500000000\r\n" + strings.Repeat("x", 20<<10)))
		require.NoError(t, err)
		all = append(all, c)
	}
	require.Equal(t, resp.Pong, dial(t, s.Addr()).do("PING"))
	require.Less(t, heap(), before+32<<20)
	_, err := io.Copy(all[0], strings.NewReader(strings.Repeat("x", 3<<20)))
	if err == nil {
		_, err = all[0].r.ReadByte()
	}
	require.Error(t, err)
	require.Equal(t, resp.OK, dial(t, s.Addr()).do("SET", "k", strings.Repeat("y", 900<<10)))
}

// Keys expire by the clock: when they are asked for, and by and by when nobody does.
func TestExpiry(t *testing.T) {
	for _, workers := range []int{1, 3} {
		var now atomic.Int64
		now.Store(1_000_000)
		s := startAt(t, workers, now.Load, nil)
		c := dial(t, s.Addr())
		for i := range 1000 {
			c.do("SET", fmt.Sprint("k", i), "v", "PX", "1000")
		}
		require.Equal(t, ":1000\r\n", c.do("PTTL", "k0"))
		c.do("PERSIST", "k1")
		c.do("PEXPIRE", "k2", "2000")
		now.Add(1000)
		require.Equal(t, "$1\r\nv\r\n", c.do("GET", "k0")) // it lives to the end of its last millisecond
		now.Add(1)
		require.Equal(t, "$-1\r\n", c.do("GET", "k0"))
		require.Equal(t, ":-2\r\n", c.do("TTL", "k5"))
		require.Equal(t, ":1\r\n", c.do("EXISTS", "k0", "k1", "k4"))
		eventually(t, "the others are swept", func() bool { return c.do("DBSIZE") == ":2\r\n" })
		now.Add(1000)
		require.Equal(t, ":0\r\n", c.do("EXISTS", "k2"))
		require.Equal(t, ":-1\r\n", c.do("TTL", "k1"))
		require.Contains(t, c.do("INFO"), "db0:keys=1,expires=0")
	}
}

// What was asked for is finished when the server is told to end, and idle clients are closed.
func TestShutdown(t *testing.T) {
	for _, workers := range []int{1, 2} {
		s := start(t, workers, nil)
		idle, busy := dial(t, s.Addr()), dial(t, s.Addr())
		require.Equal(t, resp.Pong, idle.do("PING"))
		var wire []byte
		const n = 200
		for i := range n {
			wire = append(wire, request("SET", fmt.Sprint(i), strings.Repeat("v", 50))...)
		}
		_, err := busy.Write(wire)
		require.NoError(t, err)
		require.Equal(t, resp.OK, busy.reply())
		stop(t, s)
		replies := 1
		for {
			b, err := readReply(busy.r, nil)
			if err != nil {
				break
			}
			require.Equal(t, resp.OK, string(b))
			replies++
		}
		require.Positive(t, replies)
		_, err = idle.r.ReadByte()
		require.Error(t, err)
	}
}

// CLIENT knows the clients of all workers, and KILL ends them.
func TestClientCommands(t *testing.T) {
	s := start(t, 2, nil)
	a := dial(t, s.Addr())
	require.Equal(t, resp.OK, a.do("CLIENT", "SETNAME", "me"))
	require.Equal(t, "$2\r\nme\r\n", a.do("CLIENT", "GETNAME"))
	require.Equal(t, "*5\r\n+OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:\r\n+ENCODING\r\n+FREQ\r\n+HELP\r\n+REFCOUNT\r\n", a.do("OBJECT", "HELP"))
	var others []*client
	for range 6 {
		c := dial(t, s.Addr())
		require.Equal(t, resp.Pong, c.do("PING"))
		others = append(others, c)
	}
	list := a.do("CLIENT", "LIST")
	require.Equal(t, 7, strings.Count(list, "id="))
	require.Contains(t, list, "name=me")
	require.Regexp(t, `^\$\d+\r\nid=\d+ addr=\S+:\d+ laddr=\S+:\d+ fd=\S+ name=\S* age=\d+ idle=\d+ flags=N db=0 sub=0 psub=0 ssub=0 multi=-1 qbuf=\d+ qbuf-free=\d+ argv-mem=\d+ multi-mem=0 rbs=\d+ rbp=\d+ obl=0 oll=0 omem=0 tot-mem=\d+ events=r cmd=\S+ user=default redir=-1 resp=2\n`, list)
	id := strings.TrimSpace(others[0].do("CLIENT", "ID")[1:])
	require.Equal(t, 1, strings.Count(a.do("CLIENT", "LIST", "ID", id), "id="))
	require.Equal(t, ":1\r\n", a.do("CLIENT", "KILL", "ID", id))
	_, err := others[0].r.ReadByte()
	require.Error(t, err)
	require.Equal(t, "-ERR No such client\r\n", a.do("CLIENT", "KILL", "1.2.3.4:5"))
	require.Equal(t, resp.OK, a.do("CLIENT", "KILL", others[1].LocalAddr().String()))
	require.Equal(t, ":4\r\n", a.do("CLIENT", "KILL", "TYPE", "normal")) // all but who asks
	require.Equal(t, ":1\r\n", a.do("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no"))
	_, err = a.r.ReadByte()
	require.ErrorIs(t, err, io.EOF)
}

// Workers sleep at once unless they are told to poll.
func TestSpin(t *testing.T) {
	require.Negative(t, server.Spin(config.Default()))
	require.Equal(t, 50*time.Microsecond, server.Spin(&config.Options{Spin: 50 * time.Microsecond}))
	s := start(t, 2, func(o *config.Options) { o.Spin = 200 * time.Microsecond })
	require.Equal(t, "*2\r\n$4\r\nspin\r\n$5\r\n200us\r\n", dial(t, s.Addr()).do("CONFIG", "GET", "spin"))
}
