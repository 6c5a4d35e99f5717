package server_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/redis/config"
	"github.com/pushcore/pushcore/examples/redis/resp"
)

// go-redis does what it does with Redis.
func TestGoRedis(t *testing.T) {
	for _, workers := range []int{1, 2, 3} {
		for _, proto := range []int{2, 3} {
			t.Run(fmt.Sprintf("workers=%d/resp=%d", workers, proto), func(t *testing.T) {
				s := start(t, workers, nil)
				db := redis.NewClient(&redis.Options{Addr: s.Addr(), Protocol: proto})
				t.Cleanup(func() { _ = db.Close() })
				useGoRedis(t, db)
			})
		}
	}
}

func useGoRedis(t *testing.T, db *redis.Client) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	require.NoError(t, db.Set(ctx, "k", "v", time.Hour).Err())
	ttl, err := db.TTL(ctx, "k").Result()
	require.NoError(t, err)
	require.InDelta(t, time.Hour, ttl, float64(time.Minute))
	_, err = db.Get(ctx, "none").Result()
	require.ErrorIs(t, err, redis.Nil)

	// A pipeline that goes to all shards, and whose replies must come in order.
	var gets []*redis.StringCmd
	_, err = db.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i := range 200 {
			p.Set(ctx, fmt.Sprint("p", i), i, 0)
			gets = append(gets, p.Get(ctx, fmt.Sprint("p", i)))
		}
		return nil
	})
	require.NoError(t, err)
	for i, get := range gets {
		require.Equal(t, fmt.Sprint(i), get.Val())
	}
	values, err := db.MGet(ctx, "p1", "none", "p2", "p3", "p1").Result()
	require.NoError(t, err)
	require.Equal(t, []any{"1", nil, "2", "3", "1"}, values)
	n, err := db.Exists(ctx, "p1", "p2", "p3", "none", "p4", "p1").Result()
	require.NoError(t, err)
	require.EqualValues(t, 5, n)

	// A scan finds all.
	found := map[string]bool{}
	it := db.Scan(ctx, 0, "p*", 7).Iterator()
	for it.Next(ctx) {
		found[it.Val()] = true
	}
	require.NoError(t, it.Err())
	require.Len(t, found, 200)
	size, err := db.DBSize(ctx).Result()
	require.NoError(t, err)
	require.EqualValues(t, 201, size)

	require.NoError(t, db.HSet(ctx, "h", "a", 1, "b", "two").Err())
	h, err := db.HGetAll(ctx, "h").Result()
	require.NoError(t, err)
	require.Equal(t, map[string]string{"a": "1", "b": "two"}, h)
	require.NoError(t, db.RPush(ctx, "l", 1, 2, 3).Err())
	moved, err := db.LMove(ctx, "l", "l2", "left", "right").Result()
	require.NoError(t, err)
	require.Equal(t, "1", moved)
	require.NoError(t, db.SAdd(ctx, "s1", "x", "y", "z").Err())
	require.NoError(t, db.SAdd(ctx, "s2", "y", "z", "w").Err())
	both, err := db.SInter(ctx, "s1", "s2").Result()
	require.NoError(t, err)
	sort.Strings(both)
	require.Equal(t, []string{"y", "z"}, both)
	require.NoError(t, db.Rename(ctx, "s1", "s3").Err())
	f, err := db.IncrByFloat(ctx, "f", 0.1).Result()
	require.NoError(t, err)
	require.InDelta(t, 0.1, f, 0)
	require.ErrorContains(t, db.Incr(ctx, "s3").Err(), "WRONGTYPE")
	require.NoError(t, db.FlushAll(ctx).Err())
	key, err := db.RandomKey(ctx).Result()
	require.ErrorIs(t, err, redis.Nil, key)
	info, err := db.Info(ctx).Result()
	require.NoError(t, err)
	require.Contains(t, info, "redis_version:7.0.15")
}

// Counters that all clients share come out right, whichever shard they are on, and commands on
// two shards at once neither lose anything nor lock up.
func TestConcurrent(t *testing.T) {
	s := start(t, 3, nil)
	const clients, rounds, members = 12, 150, 40
	c := dial(t, s.Addr())
	for i := range members {
		c.do("SADD", "set0", fmt.Sprint(i))
	}
	var done sync.WaitGroup
	for i := range clients {
		c := dial(t, s.Addr())
		done.Go(func() {
			for n := range rounds {
				var wire []byte
				for k := range 4 {
					wire = append(wire, request("INCR", fmt.Sprint("n", k))...)
				}
				wire = append(wire, request("SMOVE", fmt.Sprint("set", (i+n)%5), fmt.Sprint("set", (i*7+n*3)%5), fmt.Sprint(n%members))...)
				wire = append(wire, request("SUNION", "set0", "set1", "set2", "set3", "set4")...)
				if _, err := c.Write(wire); err != nil {
					t.Error(err)
					return
				}
				for k := range 6 {
					b, err := readReply(c.r, nil)
					if err != nil || b[0] == '-' {
						t.Error(err, string(b))
						return
					}
					// No member is ever in none of the sets, or seen twice.
					if n, _ := resp.Header(b); k == 5 && n != members {
						t.Errorf("%d members", n)
					}
				}
			}
		})
	}
	done.Wait()
	for k := range 4 {
		require.Equal(t, string(resp.AppendBulk(nil, fmt.Sprint(clients*rounds))), c.do("GET", fmt.Sprint("n", k)))
	}
}

// 500 clients at once on two workers.
func TestManyClients(t *testing.T) {
	s := start(t, 2, nil)
	var all []*client
	for range 500 {
		all = append(all, dial(t, s.Addr()))
	}
	for range 3 {
		for _, c := range all {
			c.send("PING")
		}
		for i, c := range all {
			require.Equal(t, resp.Pong, c.reply(), i)
		}
	}
	require.Contains(t, all[0].do("INFO", "clients"), "connected_clients:500\r\n")
	for _, c := range all[1:] {
		require.NoError(t, c.Close())
	}
	eventually(t, "all are gone", func() bool { return strings.Contains(all[0].do("INFO", "clients"), "connected_clients:1\r\n") })
}

// The programs of Redis work.
func TestPrograms(t *testing.T) {
	cli, bench := program(t, "redis-cli"), program(t, "redis-benchmark")
	for _, workers := range []int{1, 2} {
		s := start(t, workers, nil)
		_, port, _ := net.SplitHostPort(s.Addr())
		run := func(path string, args ...string) string {
			out, err := exec.Command(path, append([]string{"-p", port}, args...)...).CombinedOutput()
			require.NoError(t, err, string(out))
			return string(out)
		}
		require.Equal(t, "OK\n", run(cli, "SET", "k", "a b"))
		require.Equal(t, "a b\n", run(cli, "-3", "GET", "k"))
		require.Equal(t, "1) \"a b\"\n2) (nil)\n", run(cli, "--no-raw", "MGET", "k", "none"))
		require.Contains(t, run(cli, "--scan"), "k\n")
		out := run(bench, "-n", "2000", "-q", "-c", "50", "-P", "4", "-t", "ping,set,get,incr,lpush,lrange_100,sadd,hset,spop,mset")
		for _, name := range []string{"PING_INLINE", "SET", "GET", "LRANGE_100", "MSET"} {
			require.Contains(t, out, name)
		}
		require.NotContains(t, out, "rror")
	}
}

// A client too many is told so; one that leaves makes room.
func TestMaxClients(t *testing.T) {
	s := start(t, 2, func(o *config.Options) { o.MaxClients = 3 })
	var in []*client
	for range 3 {
		in = append(in, dial(t, s.Addr()))
		require.Equal(t, resp.Pong, in[len(in)-1].do("PING"))
	}
	out := dial(t, s.Addr())
	require.Equal(t, "-ERR max number of clients reached\r\n", out.reply())
	_, err := out.r.ReadByte()
	require.Error(t, err)
	require.NoError(t, in[0].Close())
	eventually(t, "there is room", func() bool {
		c := dial(t, s.Addr())
		defer func() { _ = c.Close() }()
		_, _ = c.Write(request("PING"))
		b, _ := readReply(c.r, nil)
		return string(b) == resp.Pong
	})
	require.Equal(t, resp.OK, in[1].do("CONFIG", "SET", "maxclients", "4"))
}

// A client that is idle for too long is disconnected, also one that has sent half a request.
func TestTimeout(t *testing.T) {
	s := start(t, 1, func(o *config.Options) { o.Timeout = 1 })
	for _, half := range []string{"", "*2\r\n$3\r\nGE"} {
		c := dial(t, s.Addr())
		require.Equal(t, resp.Pong, c.do("PING"))
		_, err := c.Write([]byte(half))
		require.NoError(t, err)
		c.isClosed()
	}
	s = start(t, 1, nil)
	c := dial(t, s.Addr())
	require.Equal(t, resp.OK, c.do("CONFIG", "SET", "timeout", "1"))
	require.Equal(t, resp.Pong, c.do("PING"))
	c.isClosed()
}

// isClosed waits until the server closes the connection, and for nothing else.
func (c *client) isClosed() {
	c.t.Helper()
	_, err := c.r.ReadByte()
	require.Error(c.t, err)
	require.NotErrorIs(c.t, err, os.ErrDeadlineExceeded)
}
