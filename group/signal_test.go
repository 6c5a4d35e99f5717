//go:build unix

package group_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// child is this test binary, run again to be sent signals. It says what it does, line by
// line.
type child struct {
	t   *testing.T
	cmd *osexec.Cmd
	out *bufio.Scanner
}

const childVariable = "GROUP_TEST_SIGNALS"

func newChild(t *testing.T, what string) *child {
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second) // below the grace
	t.Cleanup(cancel)
	cmd := osexec.CommandContext(ctx, os.Args[0], "-test.run=^TestSignalledChild$")
	cmd.Env = append(os.Environ(), childVariable+"="+what)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	err = cmd.Start()
	if errors.Is(err, syscall.ENOEXEC) {
		t.Skip("under an emulator a program cannot start itself")
	}
	require.NoError(t, err)
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return &child{t, cmd, bufio.NewScanner(out)}
}

// says waits for a line that begins with want, and returns the rest of it.
func (c *child) says(want string) string {
	c.t.Helper()
	var seen []string
	for c.out.Scan() {
		if rest, ok := strings.CutPrefix(c.out.Text(), "child: "+want); ok {
			return rest
		}
		seen = append(seen, c.out.Text())
	}
	c.t.Fatalf("the child never said %q:\n%s", want, strings.Join(seen, "\n"))
	return ""
}

func (c *child) signal(s os.Signal) { require.NoError(c.t, c.cmd.Process.Signal(s)) }

// ends waits for its end and returns its state.
func (c *child) ends() *os.ProcessState {
	for c.out.Scan() {
	}
	_ = c.cmd.Wait()
	return c.cmd.ProcessState
}

func say(format string, args ...any) { fmt.Printf("child: "+format+"\n", args...) }

// TestSignalledChild is what the child does.
func TestSignalledChild(t *testing.T) {
	what := os.Getenv(childVariable)
	switch what {
	case "":
		t.Skip("this is for the tests below")
	case "restored":
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = group.OnSignal(ctx, time.Minute, func(context.Context) error { return nil })
		say("ready")
		time.Sleep(time.Minute)
		return
	}
	g := newGroup(t, group.Config[int]{Workers: 2, Worker: func(l *exec.Local, id int) (group.Handler[int], error) {
		if id == 0 {
			_, err := exec.Go(l, func(co *exec.Co) (int, error) {
				defer say("draining")
				return 0, untilDrained(co)
			})
			require.NoError(t, err)
		}
		if id == 1 && what == "coroutine" {
			_, err := exec.Go(l, func(co *exec.Co) (int, error) { return 0, forEver(co) })
			require.NoError(t, err)
		}
		if id == 1 {
			say("ready") // a signal that comes now is not lost
		}
		return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
			if what == "handler" {
				select {}
			}
			return len(batch)
		}), nil
	}})
	require.NoError(t, g.TrySend(1))
	require.NoError(t, g.TrySend(2))
	r, err := g.RunUntilSignal(time.Hour)
	say("report: undone %d tasks %d cancelled %d running %v canceled %v error %v", len(r.Undone), len(r.Tasks), r.Cancelled,
		errors.Is(err, exec.ErrRunning), errors.Is(err, context.Canceled), err)
}

// The first signal drains, and the report is that of a complete shutdown.
func TestSignalDrains(t *testing.T) {
	for _, s := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		c := newChild(t, "drain")
		c.says("ready")
		c.signal(s)
		c.says("draining")
		require.Equal(t, "undone 0 tasks 0 cancelled 1 running false canceled false error <nil>", c.says("report: "))
		require.Equal(t, 0, c.ends().ExitCode())
	}
}

// The second one gives up at once, although the grace is an hour and a coroutine does not
// end by itself.
func TestSecondSignalCancelsCoroutines(t *testing.T) {
	c := newChild(t, "coroutine")
	c.says("ready")
	c.signal(syscall.SIGTERM)
	c.says("draining")
	c.signal(os.Interrupt)
	require.Contains(t, c.says("report: "), "undone 0 tasks 0 cancelled 2 running false canceled true error ")
	require.Equal(t, 0, c.ends().ExitCode())
}

// Nor does it wait for a handler that never returns.
func TestSecondSignalLeavesAStuckHandler(t *testing.T) {
	c := newChild(t, "handler")
	c.says("ready")
	c.signal(syscall.SIGTERM)
	c.signal(syscall.SIGTERM)
	time.Sleep(time.Millisecond) // two of the same at once may be one
	c.signal(os.Interrupt)
	require.Contains(t, c.says("report: "), "running true canceled true error ")
	require.Equal(t, 0, c.ends().ExitCode())
}

// When it has returned, signals do what they did before.
func TestOnSignalRestoresSignals(t *testing.T) {
	c := newChild(t, "restored")
	c.says("ready")
	c.signal(syscall.SIGTERM)
	status, ok := c.ends().Sys().(syscall.WaitStatus)
	require.True(t, ok)
	require.True(t, status.Signaled())
	require.Equal(t, syscall.SIGTERM, status.Signal())
}

// Signals of the caller's choice, and the context that shutdown gets.
func TestOnSignal(t *testing.T) {
	kept := make(chan os.Signal, 10) // or the signal might end the test before OnSignal listens
	signal.Notify(kept, syscall.SIGUSR1)
	defer signal.Stop(kept)
	self, err := os.FindProcess(os.Getpid())
	require.NoError(t, err)
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				_ = self.Signal(syscall.SIGUSR1)
			}
		}
	}()
	err = group.OnSignal(context.Background(), time.Hour, func(ctx context.Context) error {
		<-ctx.Done() // the second
		return ctx.Err()
	}, syscall.SIGUSR1)
	require.Equal(t, context.Canceled, err)
	err = group.OnSignal(context.Background(), 0, func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}, syscall.SIGUSR1)
	require.Error(t, err)
}
