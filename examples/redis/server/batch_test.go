package server_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/redis/resp"
	"github.com/pushcore/pushcore/examples/redis/store"
)

// What ends a pipeline ends it there, wherever in a batch that is: what comes before is done
// and answered, what comes after is not.
func TestPipelineEnds(t *testing.T) {
	ref := reference(t)
	places := []int{0, 1, store.Batch - 1, store.Batch, store.Batch + 1, 3*store.Batch - 1, 3 * store.Batch, 100}
	for _, workers := range []int{1, 3} {
		s := start(t, workers, nil)
		for _, end := range []string{"QUIT\r\n", "*1\r\n$x\r\n", "GET \"x\r\n", "\r\n*0\r\nQUIT\r\n"} {
			for _, before := range places {
				var in strings.Builder
				key := fmt.Sprint("k", before)
				for i := range before {
					switch i % 4 {
					case 0, 1:
						in.Write(request("INCR", fmt.Sprint(key, i%4)))
					case 2:
						in.WriteString("NOSUCH\r\n")
					case 3:
						in.Write(request("MGET", key+"0", key+"1"))
					}
				}
				in.WriteString(end)
				in.Write(request("SET", key+"after", "x"))
				in.WriteString(strings.Repeat("PING\r\n", 50))
				var got [2]string
				for i, addr := range []string{ref, s.Addr()} {
					c := dial(t, addr)
					require.Contains(t, c.do("DEL", key+"0", key+"1"), ":")
					_, err := c.Write([]byte(in.String()))
					require.NoError(t, err)
					b, _ := io.ReadAll(c.r)
					got[i] = string(b) + dial(t, addr).do("EXISTS", key+"after")
				}
				require.Equal(t, got[0], got[1], "%d requests, then %q", before, end)
				require.True(t, strings.HasSuffix(got[1], ":0\r\n"))
			}
		}
	}
}

// What a request changes is changed for the next one of the same batch.
func TestPipelineChanges(t *testing.T) {
	for _, workers := range []int{1, 3} {
		c := dial(t, start(t, workers, nil).Addr())
		wire := []byte("GET none\r\nHELLO 3\r\nGET none\r\nHELLO 2\r\nGET none\r\nCONFIG SET timeout 77\r\nCONFIG GET timeout\r\n" +
			"SET k 1\r\nDEL k\r\nGET k\r\nRPUSH k a b\r\nGET k\r\nLPOP k 2\r\nSADD k a\r\nRENAME k other\r\nSCARD other\r\nTYPE k\r\nFLUSHALL\r\nDBSIZE\r\nMSET k 1 other 2\r\nMGET k other\r\n")
		_, err := c.Write(wire)
		require.NoError(t, err)
		want := []string{"$-1\r\n", "%7", "_\r\n", "*14", "$-1\r\n", resp.OK, "*2\r\n$7\r\ntimeout\r\n$2\r\n77\r\n",
			resp.OK, ":1\r\n", "$-1\r\n", ":2\r\n", "-WRONGTYPE", "*2\r\n$1\r\na\r\n$1\r\nb\r\n", ":1\r\n", resp.OK, ":1\r\n", "+none\r\n", resp.OK, ":0\r\n", resp.OK, "*2\r\n$1\r\n1\r\n$1\r\n2\r\n"}
		for i, w := range want {
			got := c.reply()
			require.True(t, strings.HasPrefix(got, w), "%d workers, reply %d: %q and not %q", workers, i, got, w)
		}
	}
}
