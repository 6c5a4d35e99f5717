package server_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// generator makes random requests, some of which are wrong.
type generator struct{ *rand.Rand }

var (
	genKeys   = []string{"a", "b", "c", "list1", "list2", "hash1", "hash2", "set1", "set2", "set3", "n1", "n2", "", "\x00bin\r\n\xff", "{x}y", "long:" + strings.Repeat("k", 80)}
	genValues = []string{"", "x", "y", "z", "10", "-3", "0", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "3.25", "1e3", "abc", "\x00\x01\r\n", " 5", "05", "+7", strings.Repeat("v", 70), "inf", "nan", "0.1", "0.2"}
	genInts   = []string{"0", "1", "2", "-1", "-2", "5", "100", "-100", "9223372036854775807", "-9223372036854775808", "x", "", "1.5", "01"}
	genFields = []string{"f", "g", "h", "", "\xfe\x00"}
	// Far in the future, so that nothing expires while the servers are compared.
	genTimes = []string{"9999999999", "8888888888", "9999999999999", "0", "-1", "x", "9223372036854775807", "-9223372036854775808"}
	genGlobs = []string{"*", "a", "l*", "*[12]", "?", "[^a-c]*", "\\*", "s*t?", "[", "*\x00*", "[a-", "**2"}
)

func (g generator) of(list []string) string { return list[g.IntN(len(list))] }

// templates are commands and what their arguments are: k key, v value, i integer, f field,
// t time, g pattern; a trailing + repeats the last letters. Capitals are words.
var templates = []string{
	"GET k", "GET k", "SET k v", "SET k v", "SET k v", "SET k v NX", "SET k v XX", "SET k v GET", "SET k v NX GET", "SET k v KEEPTTL",
	"SET k v EXAT t", "SET k v PXAT t", "SET k v EX t", "SET k v EX i PX i", "SET k v KEEPTTL EX i", "SET k v XX NX", "SET k v BOGUS",
	"SETNX k v", "SETEX k t v", "PSETEX k t v", "GETSET k v", "GETDEL k", "GETEX k", "GETEX k PERSIST", "GETEX k EXAT t", "GETEX k PXAT t", "GETEX k NX",
	"APPEND k v", "STRLEN k", "GETRANGE k i i", "SUBSTR k i i", "SETRANGE k i v", "SETRANGE k 3 v", "INCR k", "DECR k", "INCRBY k i", "DECRBY k i", "INCRBYFLOAT k v", "HINCRBYFLOAT k f v",
	"MGET k", "MGET k k k", "MGET k k k k k", "MSET k v", "MSET k v k v k v", "MSET k v k", "MSETNX k v k v", "MSETNX k v k v k",
	"DEL k", "DEL k k k", "UNLINK k k", "EXISTS k", "EXISTS k k k k", "TOUCH k k", "TYPE k", "RENAME k k", "RENAMENX k k", "COPY k k", "COPY k k REPLACE", "COPY k k DB 0", "COPY k k BOGUS",
	"KEYS g", "EXPIREAT k t", "PEXPIREAT k t", "EXPIREAT k t NX", "EXPIREAT k t XX", "EXPIREAT k t GT", "EXPIREAT k t LT", "EXPIREAT k t NX GT", "EXPIREAT k t GT LT", "EXPIRE k t BOGUS", "EXPIRE k t", "PEXPIRE k t",
	"EXPIRETIME k", "PEXPIRETIME k", "PERSIST k", "TTL k", "PTTL k", "OBJECT ENCODING k", "OBJECT BOGUS k",
	"LPUSH list1 v", "LPUSH k v v v", "RPUSH list2 v v", "RPUSH k v", "LPUSHX k v", "RPUSHX k v v", "LPOP k", "RPOP k", "LPOP k i", "RPOP k i", "LPOP k i i", "LLEN k", "LRANGE k i i", "LRANGE list1 0 -1", "LINDEX k i", "LSET k i v", "LREM k i v", "LTRIM k i i", "LTRIM k 0 20", "LINSERT k BEFORE v v", "LINSERT k AFTER v v", "LINSERT k ON v v",
	"RPOPLPUSH k k", "RPOPLPUSH list1 list2", "LMOVE k k LEFT RIGHT", "LMOVE list2 list1 RIGHT RIGHT", "LMOVE k k UP LEFT",
	"HSET k f v", "HSET hash1 f v f v", "HSET k f v f", "HMSET hash2 f v f v", "HMSET k f v f", "HSETNX k f v", "HGET k f", "HGET hash1 f", "HMGET k f f f", "HGETALL k", "HGETALL hash1", "HDEL k f f", "HLEN k", "HEXISTS k f", "HKEYS k", "HVALS k", "HINCRBY k f i", "HINCRBY hash2 f i", "HSTRLEN k f", "HSCAN k 0 COUNT 1000", "HSCAN k x", "HSCAN k 0 BOGUS", "HRANDFIELD k 1000", "HRANDFIELD k 1000 WITHVALUES", "HRANDFIELD k x", "HRANDFIELD k 1 BOGUS",
	"SADD k v", "SADD set1 v v v", "SADD set2 v v v", "SADD set3 i i", "SREM k v v", "SISMEMBER k v", "SMISMEMBER k v v v", "SMEMBERS k", "SCARD k", "SPOP k 1000", "SPOP k i i", "SPOP k x", "SPOP k 0", "SRANDMEMBER k 1000", "SRANDMEMBER k x", "SRANDMEMBER k 0", "SINTER k", "SINTER set1 set2", "SINTER k k k", "SUNION k k", "SUNION set1 set2 set3", "SDIFF k k", "SDIFF set1 set2 set3", "SINTERSTORE k k k", "SUNIONSTORE k set1 set2", "SDIFFSTORE k k k", "SINTERCARD 2 k k", "SINTERCARD 2 set1 set2 LIMIT i", "SINTERCARD i k k", "SMOVE k k v", "SMOVE set1 set2 v", "SSCAN k 0 COUNT 1000", "SSCAN k 0 MATCH g COUNT 1000",
	"SCAN x", "SCAN 0 COUNT 0", "SCAN 0 BOGUS", "SCAN 0 COUNT x", "PING", "PING v", "PING v v", "ECHO v", "ECHO", "SELECT 0", "SELECT 1", "SELECT x", "FLUSHALL BOGUS", "FLUSHDB", "CLIENT GETNAME", "CLIENT SETNAME v", "CLIENT BOGUS", "CLIENT", "CONFIG", "CONFIG BOGUS", "CONFIG GET", "CONFIG GET bogus*", "CONFIG GET maxclients", "CONFIG SET bogus", "CONFIG SET bogus v", "CONFIG SET maxclients x", "CONFIG SET io-threads 2", "CONFIG SET databases 4", "CONFIG SET appendfsync sometimes", "CONFIG SET timeout -1", "CONFIG SET maxclients 9000 maxclients", "COMMAND BOGUS", "AUTH x", "AUTH x y", "AUTH x y z", "HELLO x", "HELLO 9", "OBJECT", "OBJECT ENCODING",
	"LPOS k v", "LPOS list1 v COUNT i", "LPOS k v RANK i", "LPOS list2 v RANK i COUNT 0 MAXLEN i", "LPOS k v RANK 0", "LPOS k v COUNT -1", "LPOS k v BOGUS 1", "LPOS k v RANK", "LMPOP 1 k LEFT", "LMPOP 2 list1 k RIGHT COUNT i", "LMPOP i k k LEFT", "LMPOP 1 k UP", "LMPOP 2 k k LEFT COUNT", "LMPOP 5 k LEFT",
	"LCS k k", "LCS k k LEN", "LCS k k IDX", "LCS k k IDX WITHMATCHLEN MINMATCHLEN i", "LCS k k IDX LEN", "LCS k k BOGUS", "OBJECT FREQ k", "OBJECT|ENCODING k", "CLIENT KILL", "CLIENT KILL x", "CLIENT KILL ID x", "CLIENT KILL ID 0", "CLIENT KILL ADDR x y", "CLIENT KILL TYPE x", "CLIENT KILL TYPE replica", "CLIENT KILL USER x", "CLIENT KILL SKIPME x", "CLIENT KILL BOGUS x", "CLIENT KILL LADDR x", "CLIENT LIST TYPE x", "CLIENT LIST TYPE pubsub", "CLIENT LIST ID x", "CLIENT LIST BOGUS", "CLIENT REPLY x", "CLIENT NO-EVICT x", "CLIENT NO-EVICT on", "CLIENT UNBLOCK x", "CLIENT UNBLOCK 9999", "CLIENT UNBLOCK 9999 x", "CLIENT GETREDIR", "CLIENT TRACKINGINFO", "MEMORY USAGE", "MEMORY USAGE nosuch", "MEMORY USAGE k SAMPLES", "MEMORY USAGE k SAMPLES -1", "MEMORY USAGE k SAMPLES x", "MEMORY BOGUS", "COMMAND GETKEYS GET k", "COMMAND GETKEYS MSET k v k v", "COMMAND GETKEYS SINTERCARD 2 k k", "COMMAND GETKEYS SINTERCARD 5 k k", "COMMAND GETKEYS LMPOP 1 k LEFT", "COMMAND GETKEYS PING", "COMMAND GETKEYS GET", "COMMAND GETKEYS v", "COMMAND GETKEYS OBJECT ENCODING k", "COMMAND GETKEYS CLIENT", "COMMAND GETKEYS", "COMMAND LIST x", "COMMAND LIST FILTERBY x y", "COMMAND LIST FILTERBY MODULE x", "COMMAND LIST FILTERBY PATTERN lpu*", "COMMAND LIST FILTERBY ACLCAT x",
	"NOSUCH", "NOSUCH v v v", "v", "g v k", "GET", "GET k k", "SET k", "LPUSH k", "HSET k f", "SADD k", "MSET k", "EXPIRE k", "KEYS", "DBSIZE k", "INCRBY k", "SCAN", "HSCAN k",
}

// next makes a request.
func (g generator) next() []string {
	var args []string
	for i, word := range strings.Fields(g.of(templates)) {
		switch {
		case i == 0 && g.IntN(8) == 0:
			word = strings.ToLower(word)
		case i == 0:
		case word == "k":
			word = g.of(genKeys)
		case word == "v":
			word = g.of(genValues)
		case word == "i":
			word = g.of(genInts)
			if g.IntN(3) == 0 {
				word = fmt.Sprint(g.IntN(9) - 4)
			}
		case word == "f":
			word = g.of(genFields)
		case word == "t":
			word = g.of(genTimes)
		case word == "g":
			word = g.of(genGlobs)
		}
		args = append(args, word)
	}
	if g.IntN(50) == 0 {
		args = append(args, g.of(genValues))
	}
	return args
}
