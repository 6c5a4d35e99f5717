package server_test

import (
	"fmt"
	"io"
	"math"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/redis/resp"
)

// A GET, and a SET of a key that is there, allocate nothing on their way through the server,
// on one worker or on another one's shard.
func TestNoAllocations(t *testing.T) {
	for _, workers := range []int{1, 2} {
		s := start(t, workers, nil)
		c := dial(t, s.Addr())
		var wire []byte
		for i := range 8 {
			key := fmt.Sprint("key", i)
			require.Equal(t, resp.OK, c.do("SET", key, "value"))
			wire = append(append(wire, request("SET", key, "other")...), request("GET", key)...)
		}
		got := make([]byte, 8*len(resp.OK+"$5\r\nother\r\n"))
		rounds := func(n int) {
			for range n {
				_, err := c.Write(wire)
				require.NoError(t, err)
				_, err = io.ReadFull(c.r, got)
				require.NoError(t, err)
			}
		}
		rounds(200)
		const n = 500
		least := math.Inf(1) // on a crowded machine there are reports of stalls now and then, which do allocate
		for range 5 {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			rounds(n)
			runtime.ReadMemStats(&after)
			least = min(least, float64(after.Mallocs-before.Mallocs)/(16*n))
		}
		require.Less(t, least, 0.1, "%d workers", workers)
	}
}
