package serve_test

import (
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec/netio"
	"github.com/pushcore/pushcore/exec/place"
	"github.com/pushcore/pushcore/group/serve"
)

// The kernel gives a connection to the worker on the processor that its client runs on: over
// the loopback a packet comes in where it was sent.
func TestSteerByCPU(t *testing.T) {
	if os.Getenv("PUSHCORE_EMULATED") == "1" {
		t.Skip("an emulator does not steer")
	}
	cpus, err := place.Allowed()
	require.NoError(t, err)
	const n = 2
	s := begin(t, serve.Config{Workers: n, Worker: whoami, Listen: netio.ListenConfig{Steer: netio.SteerByCPU(n)}})
	met := map[int]bool{}
	for _, cpu := range cpus[:min(len(cpus), 4)] {
		done := make(chan struct{})
		go func() {
			defer close(done)
			runtime.LockOSThread() // for ever: the thread ends with the goroutine
			if _, err := place.Pin(place.Set{cpu}); err != nil {
				t.Log("cannot pin:", err)
				return
			}
			for range 10 {
				c := dial(t, s)
				if got := worker(t, c); got != cpu%n {
					t.Errorf("a client on cpu %d met worker %d", cpu, got)
				}
				met[cpu%n] = true
			}
		}()
		<-done
	}
	t.Logf("workers %v were met from cpus %v", met, cpus)
	workers(t, s, 8) // and whoever is not pinned is served, too
}
