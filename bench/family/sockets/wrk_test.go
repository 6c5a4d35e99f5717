package sockets

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const wrkText = `Running 3s test @ http://127.0.0.1:18080/plaintext
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   499.59us  574.33us   9.25ms   97.99%
    Req/Sec   141.23k     8.59k  152.10k    80.00%
  Latency Distribution
     50%  450.00us
     75%  512.00us
     90%    1.02ms
     99%    2.67ms
  422343 requests in 3.01s, 53.57MB read
Requests/sec: 140312.88
Transfer/sec:     17.80MB
`

func TestParseWrk(t *testing.T) {
	r, err := parseWrk(wrkText)
	require.NoError(t, err)
	want := wrkReport{requests: 422343, perSecond: 140312.88, p50: 450 * time.Microsecond, p99: 2670 * time.Microsecond}
	require.Equal(t, want, r)

	r, err = parseWrk(wrkText + "  Socket errors: connect 1, read 20, write 300, timeout 4000\n" +
		"  Non-2xx or 3xx responses: 50000\n")
	require.NoError(t, err)
	require.Equal(t, 50321, r.failed)
	require.Equal(t, 4000, r.timeouts)
}

func TestParseWrkIncomplete(t *testing.T) {
	for _, cut := range []string{"422343 requests", "Requests/sec:", "50%", "99%"} {
		text, _, found := strings.Cut(wrkText, cut)
		require.True(t, found)
		_, err := parseWrk(text)
		require.Error(t, err, cut)
	}
	_, err := parseWrk("unable to connect to 127.0.0.1:1 Connection refused")
	require.Error(t, err)
	_, err = parseWrk(strings.Replace(wrkText, "422343 requests", "0 requests", 1))
	require.ErrorContains(t, err, "no requests")
	_, err = parseWrk(strings.Replace(wrkText, "450.00us", "soon", 1))
	require.Error(t, err)
}

func TestWrkTime(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0.00us": 0, "1.50us": 1500, "2.00ms": 2e6, "1.25s": 125e7, "2.00m": 2 * time.Minute,
	} {
		got, err := wrkTime(text)
		require.NoError(t, err)
		require.Equal(t, want, got, text)
	}
}
