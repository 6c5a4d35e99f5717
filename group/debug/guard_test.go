package debug_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/group/debug"
)

// A page whose own name was made to point here gets nothing.
func TestHosts(t *testing.T) {
	h := debug.Config{Hosts: []string{"Box.example.net"}}.Handler(newFake())
	for _, host := range []string{"localhost", "localhost:6060", "LOCALHOST.", "app.localhost:80", "127.0.0.1:6060",
		"10.1.2.3", "[::1]:6060", "[::1]", "[fe80::1%25eth0]:1", "box.example.net", "BOX.example.net:6060"} {
		for _, path := range paths {
			r, _ := ask(t, h, "GET", path, "Host", host)
			require.Less(t, r.StatusCode, 300, "%s%s", host, path)
		}
	}
	for _, host := range []string{"", "example.net", "evil.example.net:6060", "notlocalhost", "localhost.example.net",
		"127.0.0.1.example.net", "box.example.net.evil.test", "1.2.3.4.5", ":6060"} {
		for _, path := range append(paths, "/events", "/debug/pprof/profile", "/debug/pprof/trace") {
			r, _ := ask(t, h, "GET", path, "Host", host)
			require.Equal(t, http.StatusForbidden, r.StatusCode, "%s%s", host, path)
		}
	}
}

// Another site may link to the dashboard, and nothing else.
func TestOtherSites(t *testing.T) {
	h := debug.Handler(newFake())
	for _, c := range []struct {
		site, mode, dest string
		code             int
	}{
		{"same-origin", "cors", "empty", 200},
		{"none", "navigate", "document", 200},
		{"cross-site", "navigate", "document", 200},
		{"cross-site", "navigate", "iframe", 403},
		{"cross-site", "no-cors", "image", 403},
		{"same-site", "cors", "empty", 403},
	} {
		r, _ := ask(t, h, "GET", "/stats.json", "Sec-Fetch-Site", c.site, "Sec-Fetch-Mode", c.mode, "Sec-Fetch-Dest", c.dest)
		require.Equal(t, c.code, r.StatusCode, "%+v", c)
	}
}
