package command

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/redis/resp"
	"github.com/pushcore/pushcore/examples/redis/store"
)

// Whatever is asked for, there is one reply to each request, it is whole, and what was noted
// of it makes the same keys again.
func FuzzCommands(f *testing.F) {
	for _, s := range []string{
		"SET a 1 EX 10\r\nGET a\r\nINCR a\r\nAPPEND a x\r\nSETRANGE a 5 y\r\nGETRANGE a 0 -1\r\nEXPIRE a 5 NX\r\n",
		"RPUSH l a b c\r\nLREM l -1 a\r\nLINSERT l BEFORE b x\r\nLTRIM l 0 1\r\nLMOVE l m LEFT RIGHT\r\nLRANGE l 0 -1\r\n",
		"HSET h f 1\r\nHINCRBYFLOAT h f 1e-5\r\nHRANDFIELD h -3 WITHVALUES\r\nHSCAN h 0\r\n",
		"SADD s 1 2 3\r\nSPOP s 2\r\nSUNIONSTORE t s s\r\nSINTERCARD 2 s t LIMIT 1\r\nSRANDMEMBER s -4\r\nSMOVE s t 1\r\n",
		"MSET a 1 b 2\r\nRENAME a c\r\nCOPY b d\r\nKEYS *\r\nRANDOMKEY\r\nDBSIZE\r\nINCRBYFLOAT a 1e4000\r\nFLUSHALL\r\n",
	} {
		f.Add([]byte(s))
	}
	table := NewTable()
	one := []*store.DB{store.New()}
	f.Fuzz(func(t *testing.T, in []byte) {
		var p resp.Parser
		log := &Log{}
		clock := int64(1000)
		c := Ctx{DBs: []*store.DB{store.New()}, Proto: resp.V3, Clock: func() int64 { clock++; return clock }, Log: log, MaxBulk: 1 << 16}
		for len(in) > 0 {
			n, err := p.Next(in)
			if n == 0 || err != nil {
				break
			}
			in = in[n:]
			if len(p.Args) == 0 {
				continue
			}
			cmd, fault := table.Request(p.Args)
			if fault != "" || cmd.Run == nil {
				continue
			}
			c.Begin()
			c.Args, c.Out = p.Args, c.Out[:0]
			c.Run(cmd)
			require.NotEmpty(t, c.Out, "%q", p.Args)
			require.Equal(t, len(c.Out), resp.Skip(c.Out), "%q: %q", p.Args, c.Out)
		}
		one[0].Flush()
		again := Ctx{DBs: one, Proto: resp.V2, Clock: func() int64 { return clock }, Loading: true}
		for b := log.Buf; len(b) > 0; {
			n, err := p.Next(b)
			require.NoError(t, err)
			require.Positive(t, n)
			b = b[n:]
			cmd, fault := table.Request(p.Args)
			require.Empty(t, fault)
			again.Begin()
			again.Args, again.Out = p.Args, again.Out[:0]
			again.Run(cmd)
			require.False(t, resp.IsError(again.Out), "%q: %q", p.Args, again.Out)
		}
		require.Equal(t, c.DBs[0].Len(), one[0].Len())
		for e := range c.DBs[0].All() {
			same := one[0].Get([]byte(e.Key))
			require.NotNil(t, same, e.Key)
			require.Equal(t, e.Value.Kind, same.Value.Kind)
			require.Equal(t, string(e.Value.Bytes), string(same.Value.Bytes))
			want, _ := c.DBs[0].Deadline(e)
			got, _ := one[0].Deadline(same)
			require.Equal(t, want, got)
		}
	})
}

// Patterns mean what they mean in Redis.
func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, s string
		want       bool
	}{
		{"*", "", true}, {"a*c", "abbc", true}, {"a*c", "abcd", false}, {"h?llo", "hello", true}, {"h?llo", "hllo", false}, {"h[ae]llo", "hallo", true},
		{"h[^e]llo", "hello", false}, {"h[a-c]llo", "hbllo", true}, {"h[c-a]llo", "hbllo", true}, {`\*`, "*", true}, {`\*`, "a", false}, {"[", "a", false},
		{"a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false}, {`[\]]`, "]", true}, {"a", "A", false},
	} {
		require.Equal(t, c.want, Match([]byte(c.pattern), c.s, false), "%s %s", c.pattern, c.s)
	}
	require.True(t, Match([]byte("A[b-c]*"), "aBx", true))
}
