package netio_test

import (
	"os"
	osexec "os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// The first timer of Go's may come when there are no descriptors left: the runtime needs some
// for it, and ends the process if it gets none.
func TestFirstTimerWithoutDescriptors(t *testing.T) {
	native(t)
	const child = "PUSHCORE_FIRST_TIMER"
	if os.Getenv(child) == "" {
		cmd := osexec.Command(os.Args[0], "-test.run=^TestFirstTimerWithoutDescriptors$")
		cmd.Env = append(os.Environ(), child+"=1")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Contains(t, string(out), "it lives")
		return
	}
	begin(t, exec.Config{}, netio.Config{})
	var lim unix.Rlimit
	require.NoError(t, unix.Getrlimit(unix.RLIMIT_NOFILE, &lim))
	lim.Cur = 3
	require.NoError(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &lim))
	time.AfterFunc(time.Hour, func() {}).Stop()
	_, _ = os.Stdout.WriteString("it lives\n")
	os.Exit(0)
}
