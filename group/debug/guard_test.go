package debug_test

import (
	"io"
	"net/http"
	"runtime/trace"
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

// Another site may link to the dashboard, and nothing else: it could open windows that take profiles.
func TestOtherSites(t *testing.T) {
	require.NoError(t, trace.Start(io.Discard)) // so that another one would be refused
	defer trace.Stop()
	h := debug.Handler(newFake())
	for _, c := range []struct {
		site, mode, dest string
		page, rest       int
	}{
		{"same-origin", "cors", "empty", 200, 200},
		{"same-origin", "navigate", "document", 200, 200},
		{"none", "navigate", "document", 200, 200},
		{"cross-site", "navigate", "document", 200, 403},
		{"same-site", "navigate", "document", 200, 403},
		{"cross-site", "navigate", "iframe", 403, 403},
		{"cross-site", "no-cors", "image", 403, 403},
		{"same-site", "cors", "empty", 403, 403},
	} {
		code := func(path string) int {
			r, _ := ask(t, h, "GET", path, "Sec-Fetch-Site", c.site, "Sec-Fetch-Mode", c.mode, "Sec-Fetch-Dest", c.dest)
			return r.StatusCode
		}
		require.Equal(t, c.page, code("/"), "%+v", c)
		for _, path := range []string{"/stats.json", "/dump", "/debug/pprof/", "/debug/pprof/heap?gc=1"} {
			require.Equal(t, c.rest, code(path), "%+v %s", c, path)
		}
		if c.rest == 403 {
			for _, path := range []string{"/events", "/debug/pprof/profile", "/debug/pprof/trace"} {
				require.Equal(t, c.rest, code(path), "%+v %s", c, path)
			}
		}
	}
	for _, path := range []string{"/debug/pushcore", "/debug/pushcore/"} { // wherever it is
		r, _ := ask(t, http.StripPrefix("/debug/pushcore", h), "GET", path, "Sec-Fetch-Site", "cross-site",
			"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document")
		require.Equal(t, 200, r.StatusCode, path)
	}
}
