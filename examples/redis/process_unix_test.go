//go:build unix

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/redis/server"
	"github.com/pushcore/pushcore/group/debug"
)

// childRole makes a process of this test the program itself.
const childRole = "REDIS_TEST_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(childRole) != "" {
		main()
	}
	os.Exit(m.Run())
}

// limit is how long anything may take.
const limit = 20 * time.Second

// process is the program, running.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	addr string
	out  *bufio.Reader

	dashboard string // its URL
	dumped    atomic.Bool
}

var ready = regexp.MustCompile(`^redis: ready on (\S+) with (\d+) workers?`)

var shown = regexp.MustCompile(`^debug: (\S+) shows what the Execs do`)

// begin starts the program and waits until it is ready.
func begin(t *testing.T, workers int, args ...string) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0], append([]string{"--port", "0", "--io-threads", fmt.Sprint(workers), "--dir", t.TempDir()}, args...)...)
	cmd.Env = append(os.Environ(), childRole+"=1")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	errs, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	stuck := time.AfterFunc(4*limit, func() { _ = cmd.Process.Kill() }) // so that no read waits for ever
	t.Cleanup(func() {
		stuck.Stop()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	lines := bufio.NewReader(errs)
	p := &process{t: t, cmd: cmd, out: bufio.NewReader(out)}
	for {
		line, err := lines.ReadString('\n')
		if strings.Contains(line, "not supported") || strings.Contains(line, "unsupported") {
			t.Skip(line)
		}
		require.NoError(t, err, line)
		if m := ready.FindStringSubmatch(line); m != nil {
			require.Equal(t, fmt.Sprint(workers), m[2])
			p.addr = m[1]
			go func() {
				for rest := bufio.NewScanner(lines); rest.Scan(); {
					if strings.HasPrefix(rest.Text(), "group redis, ") {
						p.dumped.Store(true)
					}
				}
			}()
			return p
		}
		if m := shown.FindStringSubmatch(line); m != nil {
			p.dashboard = m[1]
		}
	}
}

// dial connects to it.
func (p *process) dial() (net.Conn, *bufio.Reader) {
	p.t.Helper()
	c, err := net.DialTimeout("tcp", p.addr, limit)
	require.NoError(p.t, err)
	p.t.Cleanup(func() { _ = c.Close() })
	require.NoError(p.t, c.SetDeadline(time.Now().Add(4*limit)))
	return c, bufio.NewReader(c)
}

// report reads the statistics that it prints.
func (p *process) report() (r server.Report) {
	p.t.Helper()
	line, err := p.out.ReadString('\n')
	require.NoError(p.t, err)
	require.NoError(p.t, json.Unmarshal([]byte(line), &r), line)
	require.Contains(p.t, line, `"bytes_in":`)
	return r
}

// end has it end and returns what it still prints.
func (p *process) end() string {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Signal(syscall.SIGTERM))
	rest, err := io.ReadAll(p.out)
	require.NoError(p.t, err)
	require.NoError(p.t, p.cmd.Wait(), "the exit code is 0")
	return string(rest)
}

// SIGUSR1 prints the statistics and nothing else happens; with --json the summary at the end
// is of the same form.
func TestReports(t *testing.T) {
	for _, workers := range []int{1, 3} {
		p := begin(t, workers, "--json", "--spin", "50us")
		c, r := p.dial()
		const keys = 20
		for i := range keys {
			fmt.Fprintf(c, "SET key%d x\r\n", i)
		}
		for range keys {
			line, err := r.ReadString('\n')
			require.NoError(t, err)
			require.Equal(t, "+OK\r\n", line)
		}
		check := func(got server.Report, keys int64) {
			require.Equal(t, p.addr, got.Address)
			require.Len(t, got.Workers, workers)
			require.Equal(t, keys, got.Total.Keys)
			require.GreaterOrEqual(t, got.Total.Commands, keys)
			require.EqualValues(t, 1, got.Total.Connections)
			require.Positive(t, got.Uptime)
		}
		require.NoError(t, p.cmd.Process.Signal(syscall.SIGUSR1))
		check(p.report(), keys)
		fmt.Fprintf(c, "SET one more\r\n")
		_, err := r.ReadString('\n')
		require.NoError(t, err)
		var last server.Report
		require.NoError(t, json.Unmarshal([]byte(p.end()), &last))
		check(last, keys+1)
		_, err = r.ReadByte()
		require.Error(t, err)
	}
}

// The dashboard shows the workers with what they have done; SIGUSR1 has them dumped, too.
func TestDebug(t *testing.T) {
	p := begin(t, 2, "--debug", ":0", "--flight", t.TempDir())
	c, r := p.dial()
	const keys = 20
	for i := range keys {
		fmt.Fprintf(c, "SET key%d x\r\n", i)
		_, err := r.ReadString('\n')
		require.NoError(t, err)
	}
	res, err := http.Get(p.dashboard + "stats.json")
	require.NoError(t, err)
	var shows debug.Report
	require.NoError(t, json.NewDecoder(res.Body).Decode(&shows))
	require.NoError(t, res.Body.Close())
	require.Len(t, shows.Groups, 1)
	require.Equal(t, "redis", shows.Groups[0].Name)
	require.Len(t, shows.Groups[0].Members, 2)
	items := uint64(0)
	for _, m := range shows.Groups[0].Members {
		require.NotZero(t, m.Exec.Turns)
		items += m.Exec.Items
	}
	require.NotZero(t, items, "some keys are the other worker's")
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGUSR1))
	require.Equal(t, 2, len(p.report().Workers))
	require.Eventually(t, p.dumped.Load, limit, time.Millisecond)
	p.end()
}

// Without --json the summary is for people, with a line for each of several workers.
func TestSummary(t *testing.T) {
	for _, workers := range []int{1, 2} {
		text := begin(t, workers).end()
		require.Contains(t, text, " served 0 commands of 0 connections in ")
		require.Equal(t, workers > 1, strings.Contains(text, "  worker 1: 0 keys, "))
	}
}

// A port that somebody has is an error, and there is no summary of a server that has not been.
func TestPortInUse(t *testing.T) {
	p := begin(t, 1)
	_, port, err := net.SplitHostPort(p.addr)
	require.NoError(t, err)
	for _, workers := range []string{"1", "2"} {
		var out, errs bytes.Buffer
		require.Equal(t, exitFault, run([]string{"--port", port, "--io-threads", workers}, &out, &errs))
		require.Equal(t, "redis: listen tcp "+p.addr+": bind: address already in use\n", errs.String())
		require.Empty(t, out.String())
	}
	p.end()
}

// A client that takes no replies does not make it a failure to end: a second signal cuts it off.
func TestSlowReader(t *testing.T) {
	p := begin(t, 2, "--json")
	c, r := p.dial()
	const size = 32 << 20 // more than the sockets hold
	fmt.Fprintf(c, "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$%d\r\n%s\r\n", size, strings.Repeat("x", size))
	_, err := r.ReadString('\n')
	require.NoError(t, err)
	fmt.Fprint(c, "GET a\r\nGET a\r\n")
	_, err = r.ReadByte() // it is being written
	require.NoError(t, err)
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGINT))
	for deadline := time.Now().Add(limit); ; time.Sleep(time.Millisecond) { // until the listeners are closed
		probe, err := net.Dial("tcp", p.addr)
		if err != nil {
			break
		}
		_ = probe.Close()
		require.True(t, time.Now().Before(deadline))
	}
	var last server.Report
	require.NoError(t, json.Unmarshal([]byte(p.end()), &last))
	require.EqualValues(t, 1, last.Total.Keys)
}

// SIGTERM while clients write ends several workers; what was acknowledged is in the log, even
// if the log is left to the system.
func TestTerminate(t *testing.T) {
	for _, workers := range []int{1, 3} {
		dir := t.TempDir()
		args := []string{"--appendonly", "yes", "--appendfsync", "no", "--dir", dir}
		p := begin(t, workers, args...)
		const clients = 6
		var acked [clients]int
		var total atomic.Int64
		var done sync.WaitGroup
		for i := range clients {
			c, r := p.dial()
			done.Go(func() {
				for n := 0; ; n++ {
					fmt.Fprintf(c, "SET k%d:%d x\r\n", i, n)
					if line, err := r.ReadString('\n'); err != nil || line != "+OK\r\n" {
						return
					}
					acked[i]++
					total.Add(1)
				}
			})
		}
		for deadline := time.Now().Add(limit); total.Load() < 300; time.Sleep(time.Millisecond) {
			require.True(t, time.Now().Before(deadline))
		}
		require.Contains(t, p.end(), " served ")
		done.Wait()
		p = begin(t, workers, args...)
		c, r := p.dial()
		for i, n := range acked {
			for k := range n {
				fmt.Fprintf(c, "EXISTS k%d:%d\r\n", i, k)
				line, err := r.ReadString('\n')
				require.NoError(t, err)
				require.Equal(t, ":1\r\n", line, "%d of client %d", k, i)
			}
		}
		p.end()
	}
}
