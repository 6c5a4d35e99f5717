//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pushcore/pushcore/bench/internal/cli"
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
	require.ErrorIs(t, err, errSkip)
	require.ErrorContains(t, err, "apt-get install no-such-package")
	_, err = p.path(example("no-such-example"))
	require.ErrorIs(t, err, errSkip)
	require.NoError(t, p.close())
	_, err = os.Stat(p.dir)
	require.True(t, errors.Is(err, os.ErrNotExist))
}

// TestRows measures each server of each row once, for data errors only. What a row takes is nobody's
// business here.
func TestRows(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds all peers, and loads each for a few seconds")
	}
	s := &session{cpus: two(t), rounds: 1, window: time.Second, longest: time.Second, raw: t.Output()}
	defer func() { require.NoError(t, s.programs.close()) }()
	for _, r := range table() {
		done := map[string]bool{}
		for _, sv := range r.servers {
			if done[sv.name] {
				continue // variants answer alike
			}
			done[sv.name] = true
			one := &series{server: sv}
			err := s.once(r, one, 0)
			if errors.Is(err, errNothing) { // others had the machine
				s.window, s.longest = 10*time.Second, 10*time.Second
				err = s.once(r, one, 0)
			}
			require.NoError(t, err, "%s/%s", r.name, sv.label())
			if one.skipped != nil {
				continue
			}
			require.Len(t, one.samples, 1)
			for _, target := range r.targets {
				if target.peer == "" || eachOf(target.peer, map[string]bool{sv.name: true}) || strings.Contains(target.ours, sv.name) {
					_, ok := one.samples[0].of(target.unit)
					require.True(t, ok || target.peer == "", "%s/%s has no %s", r.name, sv.label(), target.unit)
				}
			}
		}
	}
}

// TestInterrupt: what was found until then is not lost.
func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	taken := 0
	one := server{name: "one", program: peer("udp"), args: addrFlag}
	other := one
	other.name = "other"
	r := row{name: "some/row", targets: []target{below("cpu", "one", 1)}, servers: []server{one, other}, udp: true,
		measure: func(site) (sample, error) {
			if taken++; taken == 3 {
				cancel()
				return sample{}, errors.New("killed")
			}
			return sample{items: 1, metrics: []metric{{0.5, "cpu"}}}, nil
		}}
	s := &session{cpus: two(t), rounds: 9, raw: t.Output()}
	all, err := s.run(ctx, []row{r, r})
	require.EqualError(t, err, "interrupted")
	require.Len(t, all, 1)
	require.Len(t, all[0].series[0].samples, 1)
	require.Len(t, all[0].series[1].samples, 1)
	require.Equal(t, verdictFew, all[0].results[0].verdict)
	require.NoDirExists(t, s.programs.dir)
}
