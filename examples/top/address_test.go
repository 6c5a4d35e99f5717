package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStatsURL(t *testing.T) {
	for s, want := range map[string]string{
		"127.0.0.1:6060":                         "http://127.0.0.1:6060/stats.json",
		":6060":                                  "http://127.0.0.1:6060/stats.json",
		"localhost:80":                           "http://localhost:80/stats.json",
		"[::1]:6060":                             "http://[::1]:6060/stats.json",
		"10.0.0.1:6060/debug":                    "http://10.0.0.1:6060/debug/stats.json",
		"http://10.0.0.1:6060":                   "http://10.0.0.1:6060/stats.json",
		"http://10.0.0.1:6060/":                  "http://10.0.0.1:6060/stats.json",
		"http://a.example/pushcore/":             "http://a.example/pushcore/stats.json",
		"https://a.example/x/stats.json?token=1": "https://a.example/x/stats.json?token=1",
		"http://a.example/x?token=1#here":        "http://a.example/x/stats.json?token=1",
	} {
		got, err := statsURL(s)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for s, why := range map[string]string{
		"":                  "names no host",
		"localhost":         "names no port",
		"6060":              "names no port",
		"ftp://localhost:1": "begins with ftp://",
		"localhost:0":       "from 1 to 65535",
		"localhost:70000":   "from 1 to 65535",
		"localhost:http":    "cannot be read",
		"http://localhost:": "port is empty",
		"http://:80":        "names no host",
		"http://a b":        "cannot be read",
	} {
		_, err := statsURL(s)
		require.ErrorContains(t, err, why, "%q", s)
		require.ErrorContains(t, err, "such as 127.0.0.1:6060", "%q", s)
	}
}
