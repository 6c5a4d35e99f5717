package resp

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// parse takes all requests from b, of which no more than step bytes are added at a time.
func parse(b []byte, step func() int) (found []string, err error) {
	p := Parser{MaxBulk: 1 << 20}
	at, have := 0, 0
	for {
		n, err := p.Next(b[at:have])
		if err != nil {
			return found, err
		}
		if n > 0 {
			found = append(found, fmt.Sprintf("%q", p.Args))
			at += n
			continue
		}
		if have == len(b) {
			return found, nil
		}
		have = min(have+step(), len(b))
	}
}

// together is parse, but reads as many requests as there are before it looks at the first one.
func together(b []byte) (found []string, err error) {
	p := Parser{MaxBulk: 1 << 20}
	var ends []int
	for at := 0; ; {
		n, merr := p.More(b[at:])
		if err = merr; n == 0 || err != nil {
			break
		}
		at += n
		ends = append(ends, len(p.Args))
	}
	from := 0
	for _, end := range ends {
		found = append(found, fmt.Sprintf("%q", p.Args[from:end]))
		from = end
	}
	return found, err
}

func FuzzSplit(f *testing.F) {
	f.Add([]byte("*2\r\n$3\r\nGET\r\n$1\r\na\r\nPING\r\n*0\r\n*1\r\n$4\r\nPING\r\n"), uint64(1))
	f.Add([]byte("SET a \"b\\x41\" 'c'\r\n*1\r\n$x\r\n"), uint64(2))
	f.Add([]byte("*100000000\r\n$1\r\na\r\n"), uint64(3))
	f.Fuzz(func(t *testing.T, b []byte, seed uint64) {
		whole, err := parse(b, func() int { return len(b) })
		r := rand.New(rand.NewPCG(seed, 0))
		cut, cerr := parse(b, func() int { return 1 + r.IntN(5) })
		require.Equal(t, whole, cut)
		require.Equal(t, err, cerr)
		all, aerr := together(b)
		require.Equal(t, whole, all)
		require.Equal(t, err, aerr)
		if err != nil {
			require.IsType(t, ProtocolError(""), err)
		}
		// What is announced costs nothing before it has come.
		var p Parser
		_, _ = p.Next(b)
		require.LessOrEqual(t, cap(p.spans), 64+len(b))
	})
}

// A request that was built is the one that is found, whatever the bytes of its arguments.
func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte("GET"), []byte("a\r\n"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		wire := AppendArray(nil, 2)
		wire = AppendBulk(AppendBulk(wire, a), b)
		var p Parser
		n, err := p.Next(append(bytes.Clone(wire), "*1\r\n"...))
		require.NoError(t, err)
		require.Equal(t, len(wire), n)
		require.Equal(t, string(a), string(p.Args[0]))
		require.Equal(t, string(b), string(p.Args[1]))
		require.Equal(t, len(wire), Skip(wire))
	})
}

func FuzzParseInt(f *testing.F) {
	for _, s := range []string{"0", "-0", "01", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "+1", "", "-", "1 "} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		// It is a number exactly if printing the number gives the same.
		n, ok := ParseInt(b)
		var v int64
		_, err := fmt.Sscanf(string(b), "%d", &v)
		require.Equal(t, err == nil && fmt.Sprint(v) == string(b), ok)
		if ok {
			require.Equal(t, v, n)
		}
	})
}

// A request that is in the buffer takes no memory of its own.
func TestNoAllocations(t *testing.T) {
	wire := []byte("*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$5\r\nvalue\r\n")
	var p Parser
	_, err := p.Next(wire)
	require.NoError(t, err)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if n, err := p.Next(wire); n != len(wire) || err != nil || len(p.Args) != 3 {
			t.Fatal("it is not found")
		}
	}))
}
