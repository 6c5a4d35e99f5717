package server_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// scripts are requests that random ones seldom come to, a line each. The replies must be those
// of redis-server.
var scripts = map[string]func() []string{
	"names with bars": func() []string {
		return []string{"CONFIG|GET GET_XX", "CLIENT|LIST", "OBJECT|ENCODING a", "CONFIG GET_XX"}
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

// Scripts get the same replies, byte for byte, from redis-server and from this one.
func TestScripts(t *testing.T) {
	ref := reference(t)
	for _, workers := range []int{1, 3} {
		s := start(t, workers, nil)
		for name, script := range scripts {
			t.Run(fmt.Sprintf("%s/workers=%d", name, workers), func(t *testing.T) {
				a, b := dial(t, ref), dial(t, s.Addr())
				for _, line := range append([]string{"FLUSHALL"}, script()...) {
					args := strings.Fields(line)
					require.Equal(t, a.do(args...), b.do(args...), line)
				}
			})
		}
	}
}
