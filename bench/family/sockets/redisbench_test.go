package sockets

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const redisText = `WARNING: Could not fetch server CONFIG
"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"
"SET","34965.03","1.234","0.056","0.279","4.991","7.263","9.871"
"GET","50000.00","0.900","0.040","0.203","3.000","6.500","8.000"
`

func TestParseRedis(t *testing.T) {
	r, err := parseRedis(redisText, "set")
	require.NoError(t, err)
	require.Equal(t, redisReport{34965.03, 0.279, 7.263}, r)
	r, err = parseRedis(redisText, "get")
	require.NoError(t, err)
	require.Equal(t, redisReport{50000, 0.203, 6.5}, r)

	for text, want := range map[string]string{
		"":                                       "no line that begins",
		"\"test\",\"rps\"\n":                     "no line for set",
		"\"test\",\"rps\"\n\"SET\"":              "wrong number of fields",
		"\"test\",\"rps\"\n\"SET\",\"quick\"\n":  "quick",
		"\"test\",\"rps\"\n\"SET\",\"0.00\"\n":   "no requests per second",
		"\"test\",\"other\"\n\"SET\",\"1.00\"\n": "no requests per second",
	} {
		_, err := parseRedis(text, "set")
		require.ErrorContains(t, err, want, text)
	}
}
