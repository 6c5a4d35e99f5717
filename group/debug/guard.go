package debug

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// knownHost says whether r was sent to a name that nobody else can have pointed here. A server without authentication is
// reached by every page in a browser on its machine; what keeps a page from reading the answers is that they are of
// another origin, and a page gets around that by having its own name resolve to this address (DNS rebinding).
func (h *handler) knownHost(r *http.Request) bool {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost") ||
		slices.ContainsFunc(h.cfg.Hosts, func(name string) bool { return strings.EqualFold(name, host) })
}

// foreign says whether a browser tells that another site's page has made the request. It could not read the answer, but
// could keep all streams and the profiler busy. Links to the dashboard are fine, and to nothing else: a window that is
// opened is a link, too.
func foreign(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
		return false
	}
	link := r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
	return !link || strings.TrimPrefix(r.URL.Path, "/") != ""
}
