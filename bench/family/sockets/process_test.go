//go:build linux

package sockets

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pushcore/pushcore/bench/internal/cli"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/stretchr/testify/require"
)

// two returns two cpus, and keeps the test on its thread as main does.
func two(t *testing.T) [2]int {
	t.Helper()
	cpus, err := cli.TwoCPUs("")
	if err != nil {
		t.Skip(err)
	}
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	return cpus
}

func TestProcess(t *testing.T) {
	cpus := two(t)
	p, err := start(cpus[1:], []string{"WORD=busy"}, "/bin/sh", "-c", `echo $WORD; while :; do :; done`)
	require.NoError(t, err)
	defer p.stop()
	require.NoError(t, p.says("busy", 1))
	before, err := p.cpu()
	require.NoError(t, err)
	for end := time.Now().Add(patience); ; {
		after, err := p.cpu()
		require.NoError(t, err)
		if after-before > 200*time.Millisecond {
			break
		}
		require.False(t, time.Now().After(end), "a loop uses no processor time")
		time.Sleep(time.Millisecond)
	}
	// It is what the kernel shows, but for what that rounds.
	least, err := p.cpu()
	require.NoError(t, err)
	shown := statCPU(t, p.cmd.Process.Pid)
	most, err := p.cpu()
	require.NoError(t, err)
	require.Greater(t, shown, least-50*time.Millisecond)
	require.Less(t, shown, most+50*time.Millisecond)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	require.NoError(t, err)
	require.Contains(t, string(status), fmt.Sprintf("Cpus_allowed_list:\t%d\n", cpus[1]))
	bytes, err := p.memory()
	require.NoError(t, err)
	require.Greater(t, bytes, 0.0)
	require.NoError(t, p.alive())
	p.stop()
	require.ErrorContains(t, p.alive(), "has ended: signal: terminated: busy")
}

// statCPU reads utime and stime, in ticks of 10 ms.
func statCPU(t *testing.T, pid int) time.Duration {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	require.NoError(t, err)
	_, rest, _ := strings.Cut(string(b), ") ")
	var ticks int
	for _, f := range strings.Fields(rest)[11:13] {
		n, err := strconv.Atoi(f)
		require.NoError(t, err)
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// TestProcessFails: a server that cannot start says why.
func TestProcessFails(t *testing.T) {
	cpus := two(t)
	p, err := start(cpus[1:], nil, "/bin/sh", "-c", "echo the port is taken; exit 3")
	require.NoError(t, err)
	defer p.stop()
	addr, err := freeAddr()
	require.NoError(t, err)
	require.ErrorContains(t, p.await(addr), "exit status 3: the port is taken")
	_, err = start(cpus[1:], nil, "/no/such/program")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestRun(t *testing.T) {
	cpus := two(t)
	out, err := run(cpus[:1], patience, "/bin/sh", "-c", "echo hello; echo oh >&2")
	require.NoError(t, err)
	require.Equal(t, "hello\n", string(out))
	_, err = run(cpus[:1], patience, "/bin/sh", "-c", "echo why >&2; exit 1")
	require.ErrorContains(t, err, "exit status 1: why")
	_, err = run(cpus[:1], 10*time.Millisecond, "/bin/sleep", "60")
	require.ErrorContains(t, err, "it had not ended after 10ms")
}

func TestTail(t *testing.T) {
	var w tail
	for range 3 {
		_, err := w.Write([]byte(strings.Repeat("x", tailSize/2)))
		require.NoError(t, err)
	}
	require.Len(t, w.text, tailSize)
	require.LessOrEqual(t, len(w.quote()), 600)
}

func TestPrograms(t *testing.T) {
	var p programs
	built := 0
	one := program{"one", func(dir string) (string, error) { built++; return dir + "/one", nil }}
	for range 2 {
		path, err := p.path(one)
		require.NoError(t, err)
		require.Equal(t, p.dir+"/one", path)
	}
	require.Equal(t, 1, built)
	_, err := p.path(installed("no-such-program", "no-such-package"))
	require.ErrorIs(t, err, measure.ErrSkip)
	require.ErrorContains(t, err, "apt-get install no-such-package")
	_, err = p.path(example("no-such-example"))
	require.ErrorIs(t, err, measure.ErrSkip)
	require.NoError(t, p.close())
	_, err = os.Stat(p.dir)
	require.True(t, errors.Is(err, os.ErrNotExist))
}
