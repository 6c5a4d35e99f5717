package server_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// What a server tells of itself and of its values is what go-redis can read.
func TestIntrospection(t *testing.T) {
	for _, proto := range []int{2, 3} {
		t.Run(fmt.Sprintf("resp=%d", proto), func(t *testing.T) {
			s := start(t, 2, nil)
			db := redis.NewClient(&redis.Options{Addr: s.Addr(), Protocol: proto, ClientName: "me"})
			t.Cleanup(func() { _ = db.Close() })
			ctx, cancel := context.WithTimeout(context.Background(), limit)
			defer cancel()
			ofServer(ctx, t, db)
			ofValues(ctx, t, db)
		})
	}
}

func ofServer(ctx context.Context, t *testing.T, db *redis.Client) {
	c := db.Conn()
	defer func() { _ = c.Close() }()
	me, err := c.ClientInfo(ctx).Result()
	require.NoError(t, err)
	require.Equal(t, "me", me.Name)
	require.Equal(t, "client|info", me.LastCmd)
	id, err := c.ClientID(ctx).Result()
	require.NoError(t, err)
	require.Equal(t, me.ID, id)
	killed, err := c.ClientKillByFilter(ctx, "ID", fmt.Sprint(id), "SKIPME", "yes").Result()
	require.NoError(t, err)
	require.Zero(t, killed)
	info, err := db.InfoMap(ctx, "server", "cpu").Result()
	require.NoError(t, err)
	require.Equal(t, "7.0.15", info["Server"]["redis_version"])
	require.NotEmpty(t, info["CPU"]["used_cpu_user"])
	commands, err := db.Command(ctx).Result()
	require.NoError(t, err)
	require.EqualValues(t, -2, commands["mget"].Arity)
	require.EqualValues(t, -1, commands["mget"].LastKeyPos)
	names, err := db.CommandList(ctx, &redis.FilterBy{Pattern: "lpush*"}).Result()
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"lpush", "lpushx"}, names)
	keys, err := db.CommandGetKeys(ctx, "MSET", "a", 1, "b", 2).Result()
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, keys)
	options, err := db.ConfigGet(ctx, "maxcl*").Result()
	require.NoError(t, err)
	require.Equal(t, map[string]string{"maxclients": "10000"}, options)
	require.NoError(t, db.ConfigSet(ctx, "timeout", "100").Err())
	now, err := db.Time(ctx).Result()
	require.NoError(t, err)
	require.Positive(t, now.Unix())
}

func ofValues(ctx context.Context, t *testing.T, db *redis.Client) {
	require.NoError(t, db.RPush(ctx, "l", "a", "b", "c", "b").Err())
	at, err := db.LPosCount(ctx, "l", "b", 0, redis.LPosArgs{Rank: -1}).Result()
	require.NoError(t, err)
	require.Equal(t, []int64{3, 1}, at)
	key, popped, err := db.LMPop(ctx, "right", 2, "none", "l").Result()
	require.NoError(t, err)
	require.Equal(t, "l", key)
	require.Equal(t, []string{"b", "c"}, popped)
	require.NoError(t, db.MSet(ctx, "x", "ohmytext", "y", "mynewtext").Err())
	lcs, err := db.LCS(ctx, &redis.LCSQuery{Key1: "x", Key2: "y", Idx: true, WithMatchLen: true}).Result()
	require.NoError(t, err)
	require.EqualValues(t, 6, lcs.Len)
	require.Len(t, lcs.Matches, 2)
	require.EqualValues(t, 4, lcs.Matches[0].MatchLen)
	// A longer value takes more, and all elements count when all are looked at.
	small, err := db.MemoryUsage(ctx, "x").Result()
	require.NoError(t, err)
	require.NoError(t, db.Append(ctx, "x", string(make([]byte, 5000))).Err())
	large, err := db.MemoryUsage(ctx, "x").Result()
	require.NoError(t, err)
	require.Greater(t, large, small+4900)
	require.NoError(t, db.SAdd(ctx, "s", "m1", "m2", "m3", string(make([]byte, 9000))).Err())
	all, err := db.MemoryUsage(ctx, "s", 0).Result()
	require.NoError(t, err)
	require.Greater(t, all, int64(9000))
	members := map[string]bool{}
	it := db.SScan(ctx, "s", 0, "m*", 1).Iterator()
	for it.Next(ctx) {
		members[it.Val()] = true
	}
	require.NoError(t, it.Err())
	require.Len(t, members, 3)
}
