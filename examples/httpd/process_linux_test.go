package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// process is the program, running as one of its own.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	out  bytes.Buffer
	errs bytes.Buffer
	url  string
}

const childVariable = "HTTPD_TEST_ARGS"

// TestMain is the program itself, in the process that a test starts.
func TestMain(m *testing.M) {
	if args, ok := os.LookupEnv(childVariable); ok {
		os.Exit(run(strings.Split(args, "\n"), os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// launch starts the program on a port that is free, and waits until it has answered once.
func launch(t *testing.T, args ...string) *process {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := ln.Addr().String()
	require.NoError(t, ln.Close())
	p := &process{t: t, cmd: exec.Command(os.Args[0]), url: "http://" + addr}
	if slices.Contains(args, "-tls-cert") {
		p.url = "https://" + addr
	}
	p.cmd.Env = append(os.Environ(), childVariable+"="+strings.Join(append([]string{"-addr", addr}, args...), "\n"))
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.errs
	err = p.cmd.Start()
	if errors.Is(err, syscall.ENOEXEC) {
		t.Skip("under an emulator a program cannot start itself")
	}
	require.NoError(t, err)
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, Timeout: 20 * time.Second}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		res, err := client.Get(p.url + "/plaintext") // that somebody accepts says little: see freeAddr
		if err == nil {
			_ = res.Body.Close()
			return p
		}
		require.True(t, time.Now().Before(deadline), "it does not listen: %s", &p.errs)
	}
}

// end interrupts the program and returns what it has printed.
func (p *process) end() string {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Signal(os.Interrupt))
	late := time.AfterFunc(20*time.Second, func() { _ = p.cmd.Process.Kill() })
	err := p.cmd.Wait()
	require.True(p.t, late.Stop(), "it does not end")
	require.NoError(p.t, err, "%s", &p.errs)
	return p.out.String()
}

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

// Ctrl-C lets a download that is under way come to its end.
func TestInterrupt(t *testing.T) {
	root := site(t)
	require.NoError(t, os.WriteFile(filepath.Join(root, "huge.bin"), bytes.Repeat([]byte("x"), 32<<20), 0o600))
	p := launch(t, "-root", root, "-workers", "1")
	c, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	require.NoError(t, err)
	require.NoError(t, c.SetDeadline(time.Now().Add(20*time.Second)))
	_, err = fmt.Fprint(c, "GET /huge.bin HTTP/1.1\r\nHost: h\r\n\r\n")
	require.NoError(t, err)
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	require.NoError(t, err)
	ended := make(chan string, 1)
	go func() { ended <- p.end() }()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) { // until the listener is closed
		probe, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
		if err != nil {
			break
		}
		_ = probe.Close()
		require.True(t, time.Now().Before(deadline))
	}
	n, err := io.Copy(io.Discard, res.Body)
	require.NoError(t, err)
	require.EqualValues(t, 32<<20, n)
	out := <-ended
	require.Regexp(t, `served 2 requests on \d+ connections in`, out)
	require.Regexp(t, `\n +0 +2 +0 +0 +0 +0 +\d+ +0 +\d+ +335\d{5}`, out)
}

// More connections than allowed are told so, and counted.
func TestTooManyConnections(t *testing.T) {
	p := launch(t, "-workers", "1", "-max-conns", "1", "-json")
	var first net.Conn
	for deadline := time.Now().Add(20 * time.Second); ; { // the one of launch may still be there
		c, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
		require.NoError(t, err)
		require.NoError(t, c.SetDeadline(time.Now().Add(20*time.Second)))
		_, err = fmt.Fprint(c, "GET /plaintext HTTP/1.1\r\nHost: h\r\n\r\n")
		require.NoError(t, err)
		if res, err := http.ReadResponse(bufio.NewReader(c), nil); err == nil && res.StatusCode == 200 {
			first = c
			break
		}
		require.True(t, time.Now().Before(deadline))
	}
	second, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	require.NoError(t, err)
	require.NoError(t, second.SetDeadline(time.Now().Add(20*time.Second)))
	res, err := http.ReadResponse(bufio.NewReader(second), nil)
	require.NoError(t, err)
	require.Equal(t, 503, res.StatusCode)
	_ = first.Close()
	var s summary
	require.NoError(t, json.Unmarshal([]byte(p.end()), &s))
	require.Positive(t, s.Total.Refused)
}
