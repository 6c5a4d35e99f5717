package main

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCurlTLS(t *testing.T) {
	curl := tool(t, "curl", "apt's curl")
	cert, key := identity(t)
	p := launch(t, "-root", site(t), "-workers", "2", "-tls-cert", cert, "-tls-key", key)
	ask := func(args ...string) (string, error) {
		out, err := exec.Command(curl, append([]string{"-s", "-i", "-m", "20"}, args...)...).Output()
		return string(out), err
	}
	for path, want := range map[string]string{"/plaintext": "Hello, World!", "/json": `{"message":"Hello, World!"}`, "/style.css": "body {}"} {
		out, err := ask("-k", p.url+path)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(out, "HTTP/1.1 200 OK\r\n"), out)
		require.True(t, strings.HasSuffix(out, "\r\n\r\n"+want), out)
		_, err = ask("--cacert", cert, p.url+path)
		require.NoError(t, err)
	}
	_, err := ask(p.url + "/plaintext") // nobody vouches for it
	require.Error(t, err)
	out, err := ask("http" + strings.TrimPrefix(p.url, "https") + "/plaintext")
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(out, "HTTP/1.0 400 Bad Request\r\n"), out)
	require.True(t, strings.HasSuffix(out, "Client sent an HTTP request to an HTTPS server.\n"), out)
	big, err := exec.Command(curl, "-sk", "-m", "20", p.url+"/big.bin").Output()
	require.NoError(t, err)
	require.Equal(t, strings.Repeat("0123456789abcdef", 1<<16), string(big))
	text := p.end()
	require.Contains(t, text, "listening on "+p.url+" with 2 workers; Ctrl-C ends\n")
	require.Regexp(t, `\n\d+ handshakes of TLS, and [12] that failed\n`, text) // with TLS 1.3 a refused certificate comes later
}

// A session goes on with whichever worker the next connection comes to.
func TestResumptionOnEveryWorker(t *testing.T) {
	cert, key := identity(t)
	p := launch(t, "-workers", "2", "-json", "-tls-cert", cert, "-tls-key", key)
	cfg := &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}, ClientSessionCache: tls.NewLRUClientSessionCache(1)}
	addr := netip.MustParseAddrPort(strings.TrimPrefix(p.url, "https://"))
	require.Eventually(t, func() bool { return listeners(t, addr) == 2 }, 20*time.Second, time.Millisecond)
	const conns = 32 // that all come to the same worker is not to be expected
	for i := range conns {
		c, err := tls.Dial("tcp", strings.TrimPrefix(p.url, "https://"), cfg)
		require.NoError(t, err)
		require.NoError(t, c.SetDeadline(time.Now().Add(20*time.Second)))
		_, err = fmt.Fprint(c, "GET /plaintext HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
		require.NoError(t, err)
		_, err = io.ReadAll(c) // and the ticket
		require.NoError(t, err)
		require.Equal(t, "http/1.1", c.ConnectionState().NegotiatedProtocol)
		require.Equal(t, i > 0, c.ConnectionState().DidResume, i)
		_ = c.Close()
	}
	var s summary
	require.NoError(t, json.Unmarshal([]byte(p.end()), &s))
	require.GreaterOrEqual(t, s.Total.Handshakes, uint64(conns))
	for _, w := range s.Workers {
		require.Positive(t, w.Handshakes)
	}
}

// listeners returns how many sockets listen on a port of 127.0.0.1.
func listeners(t *testing.T, addr netip.AddrPort) int {
	table, err := os.ReadFile("/proc/net/tcp")
	require.NoError(t, err)
	return strings.Count(string(table), fmt.Sprintf(" 0100007F:%04X 00000000:0000 0A ", addr.Port()))
}
