package server_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/redis/resp"
)

// The same requests get the same replies, byte for byte, from redis-server and from this one.
func TestDifferential(t *testing.T) {
	ref := reference(t)
	rounds := 60
	if testing.Short() {
		rounds = 10
	}
	for _, workers := range []int{1, 3} {
		s := start(t, workers, nil)
		for _, proto := range []string{"2", "3"} {
			t.Run(fmt.Sprintf("workers=%d/resp=%s", workers, proto), func(t *testing.T) {
				a, b := dial(t, ref), dial(t, s.Addr())
				for _, c := range []*client{a, b} {
					require.NotEqual(t, "-", c.do("HELLO", proto)[:1])
				}
				for seed := range rounds {
					compare(t, a, b, uint64(seed))
				}
			})
		}
	}
}

// compare sends the same pipelines to both.
func compare(t *testing.T, a, b *client, seed uint64) {
	g := generator{rand.New(rand.NewPCG(seed, 77))}
	for _, c := range []*client{a, b} {
		require.Equal(t, resp.OK, c.do("FLUSHALL"))
		require.Equal(t, resp.OK, c.do("CLIENT", "SETNAME", ""))
	}
	var past []string
	for range 30 {
		var batch [][]string
		var wire []byte
		for range 1 + g.IntN(20) {
			args := g.next()
			batch = append(batch, args)
			wire = append(wire, request(args...)...)
		}
		for _, c := range []*client{a, b} {
			_, err := c.Write(wire)
			require.NoError(t, err)
		}
		for _, args := range batch {
			past = append(past, fmt.Sprintf("%q", args))
			want, got := a.reply(), b.reply()
			if !same(args, want, got) {
				t.Fatalf("seed %d: after %s\n%q:\nredis %q\nours  %q", seed, strings.Join(past[max(0, len(past)-30):], "\n"), args, want, got)
			}
		}
	}
}

// same compares replies. Where Redis promises no order there is none, and what is left of a
// time may differ by the time between the two.
func same(args []string, want, got string) bool {
	if want == got {
		return true
	}
	switch strings.ToUpper(args[0]) {
	case "KEYS", "HKEYS", "HVALS", "SMEMBERS", "SPOP", "SRANDMEMBER", "SINTER", "SUNION", "SDIFF", "HRANDFIELD", "HGETALL", "HSCAN", "SSCAN", "CONFIG", "COMMAND":
		pairs := slices.Contains([]string{"HGETALL", "HSCAN"}, strings.ToUpper(args[0])) || len(args) == 4 && args[3] == "WITHVALUES"
		return sorted(want, pairs) == sorted(got, pairs)
	case "SCAN": // what a cursor means is the server's own affair: see TestScan
		return want[0] == '*'
	case "TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME": // that of a relative time depends on the clock
		w, err1 := strconv.ParseInt(strings.TrimSpace(want[1:]), 10, 64)
		g, err2 := strconv.ParseInt(strings.TrimSpace(got[1:]), 10, 64)
		return err1 == nil && err2 == nil && w > 0 && g > 0 && w-g < 60000 && g-w < 60000
	}
	return false
}

// sorted is a reply whose elements are in an order that does not depend on anything else.
func sorted(reply string, pairs bool) string {
	b := []byte(reply)
	if !strings.ContainsRune("*~%", rune(b[0])) {
		return reply
	}
	n, at := resp.Header(b)
	out := reply[:at]
	if n == 2 && b[at] == '$' && at+resp.Skip(b[at:]) < len(b) && b[at+resp.Skip(b[at:])] == '*' { // a scan: its cursor, and the elements
		size := resp.Skip(b[at:])
		return out + reply[at:at+size] + sorted(reply[at+size:], pairs)
	}
	var parts []string
	for at < len(b) {
		size := resp.Skip(b[at:])
		if pairs && b[at] == '$' {
			size += resp.Skip(b[at+size:])
		}
		parts = append(parts, reply[at:at+size])
		at += size
	}
	slices.Sort(parts)
	return out + strings.Join(parts, "")
}
