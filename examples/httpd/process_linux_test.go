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
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/internal/observe/observetest"
	"github.com/pushcore/pushcore/group/debug"
)

// process is the program, running as one of its own.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	out  bytes.Buffer
	errs observetest.Output
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

// Half a request does not make Ctrl-C a failure: its connection is cut when the time is up, and
// counted.
func TestInterruptInRequest(t *testing.T) {
	for _, format := range [][]string{nil, {"-json"}} {
		p := launch(t, append([]string{"-workers", "2", "-grace", "100ms"}, format...)...)
		c, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
		require.NoError(t, err)
		defer func() { _ = c.Close() }()
		require.NoError(t, c.SetDeadline(time.Now().Add(20*time.Second)))
		r := bufio.NewReader(c)
		_, err = fmt.Fprint(c, "GET /plaintext HTTP/1.1\r\nHost: h\r\n\r\nGET /half") // they come at once
		require.NoError(t, err)
		_, err = http.ReadResponse(r, nil)
		require.NoError(t, err)
		out := p.end()
		require.Empty(t, p.errs.String())
		if format == nil {
			require.Contains(t, out, "\n1 connection cut off in a request when the time to end was up\n")
			continue
		}
		var s summary
		require.NoError(t, json.Unmarshal([]byte(out), &s))
		require.EqualValues(t, 1, s.Total.Cut)
	}
}

// With -debug there is a dashboard that shows the workers, and SIGUSR1 has them dumped; the table is printed all the same.
func TestObserved(t *testing.T) {
	p := launch(t, "-workers", "2", "-debug", ":0")
	const n = 50
	for range n {
		res, err := http.Get(p.url + "/plaintext")
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
	}
	r := p.errs.Report(t, func(r debug.Report) bool {
		done := uint64(0)
		for _, m := range r.Groups[0].Members {
			for _, s := range m.Exec.Sources {
				done += s.Done
			}
		}
		return done >= n
	})
	require.Len(t, r.Groups, 1)
	require.Equal(t, "httpd", r.Groups[0].Name)
	require.Len(t, r.Groups[0].Members, 2)
	for i, m := range r.Groups[0].Members {
		require.Equal(t, fmt.Sprint("httpd/", i), m.Exec.Name)
	}
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGUSR1))
	require.Eventually(t, func() bool {
		return strings.Contains(p.errs.String(), "\ngroup httpd, balancer ")
	}, 20*time.Second, time.Millisecond)
	require.Regexp(t, `served \d+ requests on \d+ connections in`, p.end())
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
