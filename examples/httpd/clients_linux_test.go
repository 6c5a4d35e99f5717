package main

import (
	"crypto/sha256"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// tool returns the path of a program, without which the test is skipped.
func tool(t *testing.T, name, where string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("there is no %s: %s has it", name, where)
	}
	return path
}

// site is a directory to serve, beside a file that is not to be served.
func site(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	root := filepath.Join(dir, "root")
	for name, text := range map[string]string{
		"secret":               "secret",
		"root/index.html":      "<h1>home</h1>",
		"root/style.css":       "body {}",
		"root/sub/index.html":  "<h1>sub</h1>",
		"root/plain/notes.txt": "notes",
		"root/a b.txt":         "blank",
		"root/big.bin":         strings.Repeat("0123456789abcdef", 1<<16),
	} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	require.NoError(t, os.Symlink(filepath.Join(dir, "secret"), filepath.Join(root, "link")))
	require.NoError(t, os.Symlink("style.css", filepath.Join(root, "inside")))
	return root
}

func TestCurl(t *testing.T) {
	curl := tool(t, "curl", "apt's curl")
	p := launch(t, "-root", site(t), "-workers", "2")
	for _, c := range []struct {
		args   string // in which _ is a blank that separates nothing
		status string
		want   string // a part of the answer
	}{
		{"/plaintext", "200", "Content-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, World!"},
		{"/json", "200", "Content-Type: application/json\r\nContent-Length: 27\r\n\r\n{\"message\":\"Hello, World!\"}"},
		{"/plaintext --http1.0", "200", "Connection: close\r\n\r\nHello, World!"},
		{"/plaintext --head", "200", "Content-Length: 13\r\n\r\n"},
		{"/plaintext -d x=y", "405", "Allow: GET, HEAD, OPTIONS\r\n"},
		{"/", "200", "<h1>home</h1>"},
		{"/style.css", "200", "Content-Type: text/css; charset=utf-8\r\n"},
		{"/inside", "200", "body {}"},
		{"/sub/", "200", "<h1>sub</h1>"},
		{"/sub", "301", "Location: sub/\r\n"},
		{"/a%20b.txt", "200", "blank"},
		{"/plain/", "404", "not found"},
		{"/none", "404", "not found"},
		{"/link", "404", "not found"},
		{"/../secret --path-as-is", "404", "not found"},
		{"/%2e%2e/secret --path-as-is", "404", "not found"},
		{"/..%2fsecret --path-as-is", "404", "not found"},
		{"/sub/../../secret --path-as-is", "404", "not found"},
		{"/big.bin -r 16-20", "206", "Content-Range: bytes 16-20/1048576\r\n"},
		{"/big.bin -r 16-20", "206", "\r\n\r\n01234"},
		{"/big.bin -r 2000000-", "416", "Content-Range: bytes */1048576\r\n"},
		{"/style.css -H If-Modified-Since:_Fri,_01_Jan_2100_00:00:00_GMT", "304", "\r\n\r\n"},
		{"/big.bin -r -5", "206", "\r\n\r\nbcdef"},
		{"/style.css -r 0-1,3-4", "206", "Content-Type: multipart/byteranges; boundary="},
		{"/json --head", "200", "Content-Length: 27\r\n\r\n"},
		{"/style.css --head", "200", "Content-Length: 7\r\n"},
		{"/none --head", "404", "\r\n\r\n"},
		{"/style.css -d x=y", "405", "Allow: GET, HEAD, OPTIONS\r\n"},
		{"/style.css -X DELETE", "405", "Allow: GET, HEAD, OPTIONS\r\n"},
		{"/style.css -X OPTIONS", "204", "Allow: GET, HEAD, OPTIONS\r\n"},
		{"/ -X OPTIONS --request-target *", "204", "Allow: GET, HEAD, OPTIONS\r\n"},
		{"/ --request-target http://other/plaintext", "200", "Hello, World!"},
		{"/plaintext --http2", "200", "Hello, World!"}, // it asks for an upgrade, and gets none
		{"/plaintext -H Connection:_Upgrade -H Upgrade:_websocket", "200", "Hello, World!"},
	} {
		args := strings.Fields(c.args)
		for i := range args {
			args[i] = strings.ReplaceAll(args[i], "_", " ")
		}
		args[0] = p.url + args[0]
		out, err := exec.Command(curl, append([]string{"-s", "-i", "-m", "20"}, args...)...).Output()
		require.NoError(t, err, c.args)
		require.True(t, strings.HasPrefix(string(out), "HTTP/1.1 "+c.status+" "), "%s: %.300s", c.args, out)
		require.Contains(t, string(out), c.want, c.args)
		require.NotContains(t, string(out), "\r\n\r\nsecret", c.args)
	}
	big, err := exec.Command(curl, "-s", "-m", "20", p.url+"/big.bin").Output()
	require.NoError(t, err)
	require.Equal(t, strings.Repeat("0123456789abcdef", 1<<16), string(big))
	require.Contains(t, p.end(), "listening on "+p.url+" with 2 workers; Ctrl-C ends\n")
}

// A load generator gets nothing but right answers, and the summary agrees with it.
func TestWrk(t *testing.T) {
	wrk := tool(t, "wrk", "apt's wrk")
	for path, spin := range map[string]string{"/plaintext": "off", "/json": "50us"} {
		p := launch(t, "-workers", "2", "-json", "-spin", spin)
		out, err := exec.Command(wrk, "-t1", "-c64", "-d1s", p.url+path).CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.NotContains(t, string(out), "Non-2xx")
		require.NotContains(t, string(out), "Socket errors")
		m := regexp.MustCompile(`(\d+) requests in`).FindSubmatch(out)
		require.NotNil(t, m, "%s", out)
		answered, err := strconv.ParseUint(string(m[1]), 10, 64)
		require.NoError(t, err)
		var s summary
		require.NoError(t, json.Unmarshal([]byte(p.end()), &s))
		require.GreaterOrEqual(t, s.Total.Requests, answered)
		require.LessOrEqual(t, s.Total.Requests, answered+64+1)
		require.Len(t, s.Workers, 2)
		require.Equal(t, s.Total.Requests, s.Workers[0].Requests+s.Workers[1].Requests)
		require.Zero(t, s.Total.Bad+s.Total.Failed)
		require.GreaterOrEqual(t, s.Total.Connections, uint64(64))
		require.Positive(t, s.Seconds)
	}
}

// ab speaks HTTP/1.0, and asks to keep the connection.
func TestAB(t *testing.T) {
	ab := tool(t, "ab", "apt's apache2-utils")
	p := launch(t, "-workers", "2", "-root", site(t))
	for path, length := range map[string]string{"/plaintext": "13", "/json": "27", "/style.css": "7"} {
		out, err := exec.Command(ab, "-q", "-k", "-n", "1000", "-c", "16", p.url+path).CombinedOutput()
		require.NoError(t, err, "%s", out)
		for name, want := range map[string]string{"Complete requests": "1000", "Failed requests": "0", "Keep-Alive requests": "1000", "Document Length": length + " bytes"} {
			require.Regexp(t, name+`: +`+want+`\n`, string(out))
		}
		require.NotContains(t, string(out), "Non-2xx")
	}
	p.end()
}

// A large file arrives as it is, also by curl, in one piece and in two.
func TestLargeFile(t *testing.T) {
	const size, cut = 100 << 20, 33_333_333
	root := site(t)
	f, err := os.Create(filepath.Join(root, "large.bin"))
	require.NoError(t, err)
	all, rest := sha256.New(), sha256.New()
	b := make([]byte, 1<<20)
	for at := 0; at < size; at += len(b) {
		for i := range b {
			b[i] = byte(uint32(at+i) * 2654435761 >> 13)
		}
		all.Write(b)
		rest.Write(b[min(max(cut-at, 0), len(b)):])
		_, err = f.Write(b)
		require.NoError(t, err)
	}
	require.NoError(t, f.Close())
	p := launch(t, "-workers", "1", "-root", root)
	curl := tool(t, "curl", "apt's curl")
	for want, args := range map[string][]string{string(all.Sum(nil)): {"-s"}, string(rest.Sum(nil)): {"-s", "-r", strconv.Itoa(cut) + "-"}} {
		got := sha256.New()
		cmd := exec.Command(curl, append(args, "-m", "60", p.url+"/large.bin")...) //nolint:gosec // it is a test's
		cmd.Stdout = got
		require.NoError(t, cmd.Run(), args)
		require.Equal(t, []byte(want), got.Sum(nil), args)
	}
	require.Contains(t, p.end(), "served 3 requests")
}
