//go:build unix

package observe_test

import (
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/internal/observe/observetest"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group/debug"
)

// SIGUSR1 has the Execs dumped, without any flag.
func TestSignal(t *testing.T) {
	others := make(chan os.Signal, 1) // or the signal would end the test if nobody wants it
	signal.Notify(others, syscall.SIGUSR1)
	defer signal.Stop(others)
	var w observetest.Output
	o := begin(t, &w)
	require.NoError(t, o.Show(debug.Execs("capture", startExec(t, exec.Config{Name: "packets", Spin: -1}))))
	require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGUSR1))
	require.Eventually(t, func() bool { return strings.Contains(w.String(), "\ngroup capture, ") }, within, time.Millisecond)
	require.Contains(t, w.String(), " packets ")
}
