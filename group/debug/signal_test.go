//go:build unix

package debug_test

import (
	"bytes"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/group/debug"
)

func TestDumpOnSignal(t *testing.T) {
	others := make(chan os.Signal, 1) // or the signal would end the test when the dump does not want it any more
	signal.Notify(others, syscall.SIGUSR1)
	defer signal.Stop(others)
	send := func() {
		require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGUSR1))
		<-others
	}

	var w guarded
	stop := debug.DumpOnSignal(&w, newFake())
	for n := 1; n <= 2; n++ {
		send()
		require.Eventually(t, func() bool { return w.dumps() == n }, within, time.Millisecond)
	}
	stop()
	stop()
	send()
	require.Equal(t, 2, w.dumps())
}

// guarded is a Buffer that may be read while it is written.
type guarded struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (g *guarded) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.b.Write(p)
}

// dumps returns how many dumps were written.
func (g *guarded) dumps() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return bytes.Count(g.b.Bytes(), []byte("group ingest"))
}
