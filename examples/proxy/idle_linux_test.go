package main

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// Thousands of connections on which nothing moves have neither coroutines nor buffers, and
// all of them still work.
func TestIdleConnections(t *testing.T) {
	n := 10_000
	if testing.Short() {
		n = 500
	}
	files, known := descriptors()
	require.True(t, known)
	if most := int(files-200) / 2; n > most {
		t.Logf("ulimit -n is %d: %d connections instead of %d", files, most, n)
		n = most
	}
	peer := startChild(t, "echo")
	c := testConfig(peer.addr)
	c.maxConnections = n + 10
	p := begin(t, c)
	peer.dial(p.addr, 100)
	memory := func() int {
		runtime.GC()
		runtime.GC() // pools are emptied by the second one
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int(m.HeapInuse + m.StackInuse)
	}
	idle := func(n int) func() bool {
		return func() bool { return p.stats().Workers[0].Idle == 2*n }
	}
	eventually(t, "the first ones are idle", idle(100))
	before := memory()
	peer.dial(p.addr, n-100)
	eventually(t, "all are idle", idle(n))
	eventually(t, "no coroutine is left", func() bool { return p.workers[0].x.Stats().Coroutines == 0 })
	each := (memory() - before) / (n - 100)
	t.Logf("%d idle connections: %d bytes each, for both sides, without the kernel's", n, each)
	require.Less(t, each, 8<<10, "less than one stack and one buffer")
	require.EqualValues(t, n, p.stats().Open)
}
