package child

import (
	"os/exec"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// The main goroutine keeps the main thread, which does not end with a goroutine that is locked to it.
func init() { runtime.LockOSThread() }

// TestOwn: the program leads a group of its own, and is killed when the thread that started it ends.
func TestOwn(t *testing.T) {
	cmd := exec.Command("sleep", "60")
	Own(cmd)
	started, asked := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread() // and ends with it
		started <- cmd.Start()
		<-asked
	}()
	require.NoError(t, <-started)
	group, err := syscall.Getpgid(cmd.Process.Pid)
	close(asked)
	require.NoError(t, err)
	require.Equal(t, cmd.Process.Pid, group)
	var exit *exec.ExitError
	require.ErrorAs(t, cmd.Wait(), &exit)
	require.Equal(t, syscall.SIGKILL, exit.Sys().(syscall.WaitStatus).Signal())
}

// TestKeep: a program that is waited for runs to its end.
func TestKeep(t *testing.T) {
	cmd := exec.Command("echo", "done")
	defer Keep(cmd)()
	out, err := cmd.Output()
	require.NoError(t, err)
	require.Equal(t, "done\n", string(out))
}
