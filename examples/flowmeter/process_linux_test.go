package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// build builds the program as a user would.
func build(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds the program")
	}
	bin := filepath.Join(t.TempDir(), "flowmeter")
	out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return bin
}

// process is the program as a process of its own.
type process struct {
	*exec.Cmd
	out, errs bytes.Buffer
}

func start(t *testing.T, bin string, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(bin, args...)}
	p.Dir = t.TempDir() // it needs nothing from its source
	p.Stdout, p.Stderr = &p.out, &p.errs
	p.Cancel = nil
	require.NoError(t, p.Start())
	t.Cleanup(func() { _ = p.Process.Kill() })
	return p
}

// end waits for the process, for at most limit, and returns its exit code.
func (p *process) end(t *testing.T, limit time.Duration) int {
	t.Helper()
	late := time.AfterFunc(limit, func() { _ = p.Process.Kill() })
	err := p.Wait()
	require.True(t, late.Stop(), "still running after %v: %s", limit, p.errs.String())
	if err != nil {
		var e *exec.ExitError
		require.ErrorAs(t, err, &e)
	}
	return p.ProcessState.ExitCode()
}

func TestProcess(t *testing.T) {
	bin := build(t)
	demo, err := filepath.Abs("testdata/demo.pcap")
	require.NoError(t, err)

	for _, workers := range []string{"0", "2"} {
		t.Run("interrupt, workers "+workers, func(t *testing.T) {
			p := start(t, bin, "-r", demo, "-repeat", "100000000", "-workers", workers, "-json")
			time.Sleep(300 * time.Millisecond)
			require.NoError(t, p.Process.Signal(os.Interrupt))
			require.Equal(t, exitOK, p.end(t, 10*time.Second), p.errs.String())
			var r report
			require.NoError(t, json.Unmarshal(p.out.Bytes(), &r))
			require.True(t, r.Interrupted)
			require.True(t, r.InEqualsOut)
			require.NotZero(t, r.PacketsIn)
			require.Empty(t, r.Error)
			require.Empty(t, p.errs.String())
		})
	}
	t.Run("interrupt, a pipe that stays silent", func(t *testing.T) {
		fifo := filepath.Join(t.TempDir(), "fifo")
		require.NoError(t, syscall.Mkfifo(fifo, 0o600))
		p := start(t, bin, "-r", fifo, "-workers", "1")
		w, err := os.OpenFile(fifo, os.O_WRONLY, 0)
		require.NoError(t, err)
		defer w.Close()
		_, err = w.Write(demoCapture)
		require.NoError(t, err)
		time.Sleep(300 * time.Millisecond)
		require.NoError(t, p.Process.Signal(os.Interrupt))
		require.Equal(t, exitOK, p.end(t, 10*time.Second), p.errs.String())
		require.Contains(t, p.out.String(), "interrupted: this is what was read until then")
		require.Contains(t, p.out.String(), "packets in 1500 = packets out 1500: ")
	})
	t.Run("exit codes", func(t *testing.T) {
		for want, args := range map[int][]string{
			exitOK: {"-r", demo}, exitFault: {"-r", "missing.pcap"}, exitUsage: {"-r", demo, "extra"},
		} {
			p := start(t, bin, args...)
			require.Equal(t, want, p.end(t, 10*time.Second), p.errs.String())
			require.Equal(t, want != exitOK, p.errs.Len() > 0)
		}
	})
	t.Run("demonstration", func(t *testing.T) {
		p := start(t, bin)
		require.Equal(t, exitOK, p.end(t, 15*time.Second), p.errs.String())
		require.Contains(t, p.out.String(), " = packets out ")
		require.Equal(t, 1, bytes.Count(p.errs.Bytes(), []byte("\n")), p.errs.String())
	})
	t.Run("demonstration without the right to capture", func(t *testing.T) {
		if os.Getuid() != 0 {
			t.Skip("the test above had no right either")
		}
		// As nobody: no capabilities, and the working directory out of reach.
		p := &process{Cmd: exec.Command(bin, "-workers", "1")}
		p.Stdout, p.Stderr = &p.out, &p.errs
		p.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		makeReachable(t, bin)
		require.NoError(t, p.Start())
		require.Equal(t, exitOK, p.end(t, 15*time.Second), p.errs.String())
		require.Equal(t, "flowmeter: capturing on lo: packet sockets are not available here: operation not permitted "+
			"(it takes root or CAP_NET_RAW): reading the built-in capture instead\n", p.errs.String())
		require.Contains(t, p.out.String(), "packets in 1500 = packets out 1500: ")

		p = &process{Cmd: exec.Command(bin, "-i", "lo")}
		p.Stdout, p.Stderr = &p.out, &p.errs
		p.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		require.NoError(t, p.Start())
		require.Equal(t, exitFault, p.end(t, 15*time.Second))
		require.Equal(t, "flowmeter: capturing on lo: packet sockets are not available here: operation not permitted "+
			"(it takes root or CAP_NET_RAW)\n", p.errs.String())
		require.Empty(t, p.out.String())
	})
}

// makeReachable lets every user run a file of a test's temporary directory.
func makeReachable(t *testing.T, path string) {
	t.Helper()
	for dir := filepath.Dir(path); dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		require.NoError(t, os.Chmod(dir, 0o755))
	}
}
