package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// program returns the path of a program, or skips the test.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		path = "/usr/sbin/" + name
		if _, err := os.Stat(path); err != nil {
			t.Skipf("%s is not installed", name)
		}
	}
	return path
}

// launch starts a server, and waits until it can be connected to.
func launch(t *testing.T, addr, path string, args ...string) {
	t.Helper()
	cmd := exec.Command(path, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(out.String())
		}
	})
	eventually(t, path+" listens", func() bool {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
}

// freeAddr returns an address that was free just now.
func freeAddr(t *testing.T) (addr, port string) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr = ln.Addr().String()
	require.NoError(t, ln.Close())
	_, port, err = net.SplitHostPort(addr)
	require.NoError(t, err)
	return addr, port
}

// output runs a client, which must succeed.
func output(t *testing.T, path string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(path, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	require.NoError(t, cmd.Start())
	late := time.AfterFunc(2*limit, func() { _ = cmd.Process.Kill() })
	err := cmd.Wait()
	late.Stop()
	require.NoError(t, err, "%s%s", out.Bytes(), errs.Bytes())
	return out.Bytes()
}

// iperf3 sends for a second in each direction, over several connections.
func TestIperf3(t *testing.T) {
	iperf := program(t, "iperf3")
	addr, port := freeAddr(t)
	launch(t, addr, iperf, "-s", "-B", "127.0.0.1", "-p", port)
	p := begin(t, testConfig(addr))
	_, port, err := net.SplitHostPort(p.addr)
	require.NoError(t, err)
	for _, args := range [][]string{{"-P", "2"}, {"-R"}} {
		before := p.stats()
		out := output(t, iperf, append([]string{"-c", "127.0.0.1", "-p", port, "-t", "1", "-J"}, args...)...)
		var result struct {
			Error string
			End   struct {
				Received struct{ Bytes uint64 } `json:"sum_received"`
			}
		}
		require.NoError(t, json.Unmarshal(out, &result))
		require.Empty(t, result.Error)
		require.NotZero(t, result.End.Received.Bytes)
		eventually(t, "they have ended", func() bool { return p.stats().Open == 0 })
		require.GreaterOrEqual(t, p.stats().BytesOut-before.BytesOut, result.End.Received.Bytes)
		t.Logf("%v: %d bytes received", args, result.End.Received.Bytes)
	}
}

// curl fetches a large file from nginx, and sees the same bytes; nginx takes a header.
func TestCurlAndNginx(t *testing.T) {
	nginx, curl := program(t, "nginx"), program(t, "curl")
	for _, send := range []string{"off", "v1", "v2"} {
		dir := t.TempDir()
		file := bytes.Repeat([]byte("0123456789abcdef"), 1<<18) // 4 MB
		require.NoError(t, os.WriteFile(filepath.Join(dir, "file"), file, 0o644))
		addr, _ := freeAddr(t)
		proto := ""
		if send != "off" {
			proto = " proxy_protocol"
		}
		conf := fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/error.log;
events {}
http {
	access_log off; client_body_temp_path %[1]s; proxy_temp_path %[1]s; fastcgi_temp_path %[1]s; uwsgi_temp_path %[1]s; scgi_temp_path %[1]s;
	server { listen %[2]s%[3]s; root %[1]s; location /who { return 200 "$proxy_protocol_addr"; } }
}`, dir, addr, proto)
		name := filepath.Join(dir, "nginx.conf")
		require.NoError(t, os.WriteFile(name, []byte(conf), 0o644))
		launch(t, addr, nginx, "-p", dir, "-e", dir+"/error.log", "-c", name)
		c := testConfig(addr)
		c.header.send = send
		p := begin(t, c)
		require.True(t, bytes.Equal(file, output(t, curl, "-sS", "--noproxy", "*", "--fail", "http://"+p.addr+"/file")))
		if send != "off" {
			require.Equal(t, "127.0.0.1", string(output(t, curl, "-sS", "--noproxy", "*", "--fail", "http://"+p.addr+"/who")))
		}
		eventually(t, "they have ended", func() bool { return p.stats().Open == 0 })
	}
}

// curl sends a header of its own, which the proxy takes and passes on.
func TestCurlSendsAHeader(t *testing.T) {
	curl := program(t, "curl")
	web := serve(t, func(c net.Conn) {
		b := make([]byte, 4096)
		n, _ := c.Read(b)
		_, _ = fmt.Fprintf(c, "HTTP/1.0 200 OK\r\n\r\n%d bytes, first %s", n, b[:5])
	})
	c := testConfig(web.addr())
	c.header.accept = "v1"
	p := begin(t, c)
	out := output(t, curl, "-sS", "--noproxy", "*", "--fail", "--haproxy-protocol", "http://"+p.addr+"/")
	require.Contains(t, string(out), "first GET /")
}
