package server_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// scripts are requests that random ones seldom come to: a pipeline each line. The replies must be those
// of redis-server.
var scripts = map[string]func() []string{
	"names with bars": func() []string {
		return []string{"CONFIG|GET GET_XX", "CLIENT|LIST", "OBJECT|ENCODING a", "CONFIG GET_XX"}
	},
	"no replies": func() []string {
		return []string{"CLIENT REPLY OFF+SET a 1+MGET a b c d+CLIENT REPLY SKIP+GET a+BOGUS+CLIENT REPLY ON", "CLIENT REPLY SKIP+GET a+GET a", "GET a+CLIENT REPLY SKIP+CLIENT REPLY SKIP+MGET a b c+MGET a b c", "CLIENT REPLY OFF+CLIENT REPLY x+RESET", "GET a"}
	},
	"the last millisecond": func() []string {
		return []string{"SET a 1 PXAT 9223372036854775807", "EXPIRETIME a", "PEXPIRETIME a"}
	},
	"options": func() []string {
		return []string{"CONFIG SET hash-max-ziplist-value 3 set-max-intset-entries 2", "CONFIG GET hash-max-listpack-value", "HSET c f abc", "HSET d f abcd", "SADD i 1 2", "SADD j 1 2 3", "SUNIONSTORE k i j",
			"OBJECT ENCODING c+OBJECT ENCODING d+OBJECT ENCODING i+OBJECT ENCODING j+OBJECT ENCODING k", "CONFIG SET hash-max-listpack-value 64 set-max-intset-entries 512", "CONFIG SET list-max-ziplist-size 4 list-compress-depth 2", "CONFIG GET list-max-listpack-size", "CONFIG SET list-max-ziplist-size 1 list-max-listpack-size 2",
			"CONFIG SET maxmemory 0 maxmemory 0", "CONFIG SET maxmemory 0", "CONFIG GET notify-keyspace-events", "CONFIG SET daemonize yes", "CONFIG SET hash-max-listpack-entries -1"}
	},
	"refcount": func() []string {
		return []string{"SET a 9999", "OBJECT REFCOUNT a", "INCR a", "OBJECT REFCOUNT a", "SET a x", "OBJECT REFCOUNT a", "RPUSH l 1", "OBJECT REFCOUNT l", "OBJECT REFCOUNT none", "FUNCTION FLUSH"}
	},
	// Not among the random ones: keys that have expired count until they are swept.
	"dbsize": func() []string {
		return []string{"DBSIZE", "MSET a 1 b 2 c 3 d 4 e 5", "DBSIZE", "DEL a none+DBSIZE+RENAME b c+DBSIZE", "SPOP none+DBSIZE+FLUSHDB+DBSIZE"}
	},
	"encodings": func() (lines []string) {
		for i := range 513 {
			lines = append(lines, fmt.Sprintf("HSET h %d v", i), fmt.Sprintf("SADD s %d", i))
			if i == 511 {
				lines = append(lines, "OBJECT ENCODING h", "OBJECT ENCODING s")
			}
		}
		return append(lines, "OBJECT ENCODING h", "OBJECT ENCODING s")
	},
	"lcs": func() []string {
		return []string{"SET a ohmytext", "SET b mynewtext", "LCS a b", "LCS a b LEN", "LCS a b IDX", "LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN", "LCS a none", "LCS a none IDX"}
	},
	"lpos": func() []string {
		return []string{"RPUSH l a b c 1 2 3 c c", "LPOS l c", "LPOS l c RANK -1", "LPOS l c COUNT 0", "LPOS l c COUNT 2 RANK -1", "LPOS l c COUNT 0 MAXLEN 3", "LPOS l c COUNT 0 MAXLEN 3 RANK -1", "LPOS l x", "LPOS l x COUNT 1",
			"LMPOP 2 none l RIGHT COUNT 3", "LMPOP 1 l LEFT", "LMPOP 1 l LEFT COUNT 100", "LMPOP 1 l LEFT"}
	},
}

// pipeline sends commands with a + between them, and returns all replies.
func (c *client) pipeline(line string) string {
	var wire []byte
	for _, cmd := range strings.Split(line, "+") {
		wire = append(wire, request(strings.Fields(cmd)...)...)
	}
	_, err := c.Write(append(wire, request("ECHO", "end")...))
	require.NoError(c.t, err)
	all := ""
	for !strings.HasSuffix(all, "$3\r\nend\r\n") {
		all += c.reply()
	}
	return all
}

// Scripts get the same replies, byte for byte, from redis-server and from this one.
func TestScripts(t *testing.T) {
	ref := reference(t)
	for _, workers := range []int{1, 3} {
		s := start(t, workers, nil)
		for name, script := range scripts {
			t.Run(fmt.Sprintf("%s/workers=%d", name, workers), func(t *testing.T) {
				a, b := dial(t, ref), dial(t, s.Addr())
				for _, line := range append([]string{"FLUSHALL"}, script()...) {
					require.Equal(t, a.pipeline(line), b.pipeline(line), line)
				}
			})
		}
	}
}
