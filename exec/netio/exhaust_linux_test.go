package netio_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	osexec "os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// exhaustChild is the environment of the process that has few descriptors.
const exhaustChild = "PUSHCORE_EXHAUST"

// status is what it says of itself.
type status struct {
	Net netio.Stats
	CPU time.Duration
}

// child is that process: an echo server that obeys its standard input. A limit is one of
// descriptors, and with a + of those that are not open.
func child(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	_, addr := h.listen(netio.ListenConfig{Handle: echo})
	fmt.Println("at", addr)
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		if n, ok := strings.CutPrefix(in.Text(), "limit "); ok {
			soft, err := strconv.ParseUint(strings.TrimPrefix(n, "+"), 10, 64)
			require.NoError(t, err)
			if n[0] == '+' {
				soft += uint64(descriptors(t))
			}
			var lim unix.Rlimit
			require.NoError(t, unix.Getrlimit(unix.RLIMIT_NOFILE, &lim))
			lim.Cur = soft
			require.NoError(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &lim))
		}
		var use unix.Rusage
		require.NoError(t, unix.Getrusage(unix.RUSAGE_SELF, &use))
		b, err := json.Marshal(status{h.r.Stats(), time.Duration(use.Utime.Nano() + use.Stime.Nano())})
		require.NoError(t, err)
		fmt.Println("is", string(b))
	}
}

// served reports whether the server answers; otherwise it has closed the connection.
func served(t testing.TB, c net.Conn) bool {
	t.Helper()
	_, _ = c.Write([]byte("x"))
	_, err := io.ReadFull(c, make([]byte, 1))
	if err != nil {
		require.NotErrorIs(t, err, os.ErrDeadlineExceeded, "a client was forgotten")
	}
	return err == nil
}

// A server that has run out of descriptors refuses, does not spin, and recovers.
func TestDescriptorsExhausted(t *testing.T) {
	if os.Getenv(exhaustChild) != "" {
		child(t)
		return
	}
	cmd := osexec.Command(os.Args[0], "-test.run=^TestDescriptorsExhausted$")
	cmd.Env = append(os.Environ(), exhaustChild+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	defer func() {
		_ = in.Close()
		require.NoError(t, cmd.Wait())
	}()
	lines := bufio.NewScanner(out)
	read := func(what string) string {
		for lines.Scan() {
			if s, ok := strings.CutPrefix(lines.Text(), what+" "); ok {
				return s
			}
		}
		t.Fatal("the child has ended")
		return ""
	}
	addr := read("at")
	tell := func(order string) (s status) {
		_, err := fmt.Fprintln(in, order)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal([]byte(read("is")), &s))
		return s
	}
	n := tell("").Net
	require.Zero(t, n.NoDescriptors)

	// A storm on few descriptors: each client is served, or refused at once.
	tell("limit +30")
	var open []net.Conn
	refused := 0
	for range 200 {
		if c := dial(t, addr); served(t, c) {
			open = append(open, c)
		} else {
			refused++
		}
	}
	require.Positive(t, len(open))
	require.Greater(t, refused, 150)
	eventually(t, "all are counted", func() bool {
		n = tell("").Net
		return n.Accepted == 200 && n.Refused == uint64(refused) && n.Conns == len(open)
	})
	require.GreaterOrEqual(t, n.NoDescriptors, uint64(refused))
	for _, c := range open {
		require.True(t, served(t, c), "they are served as before")
	}

	// Not even one to refuse with: clients wait, and the server does, too.
	tell("limit 3")
	late := make([]net.Conn, 5)
	for i := range late {
		late[i] = dial(t, addr)
	}
	eventually(t, "it cannot accept", func() bool { return tell("").Net.NoDescriptors > n.NoDescriptors })
	require.True(t, served(t, open[0]))
	before := tell("")
	start := time.Now()
	time.Sleep(time.Second)
	after := tell("")
	wall := time.Since(start)
	attempts := after.Net.NoDescriptors - before.Net.NoDescriptors
	t.Logf("in %v: %v of CPU, %d attempts, %d polls", wall, after.CPU-before.CPU, attempts, after.Net.Polls-before.Net.Polls)
	require.LessOrEqual(t, attempts, uint64(wall/(10*time.Millisecond))+2, "one for each pause")
	require.Less(t, after.Net.Polls-before.Net.Polls, 100*uint64(wall/(10*time.Millisecond)), "it sleeps in between")
	require.Less(t, after.CPU-before.CPU, wall/2)

	// There are some again.
	tell("limit 1000")
	for _, c := range late {
		require.True(t, served(t, c), "who has waited is served")
	}
	require.True(t, served(t, dial(t, addr)))
	for _, c := range append(open, late...) {
		require.NoError(t, c.Close())
	}
	eventually(t, "they are closed", func() bool { return tell("").Net.Conns <= 1 })
	require.EqualValues(t, refused, tell("").Net.Refused, "nobody else was")

	// And the next storm is dealt with as the first.
	tell("limit +100")
	refused = 0
	for range 150 {
		if !served(t, dial(t, addr)) {
			refused++
		}
	}
	require.Positive(t, refused)
	require.Less(t, refused, 150)
}
