package main

import (
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// A drain refuses new connections, lets those that are open end by themselves, and cuts what
// has not ended in time.
func TestDrain(t *testing.T) {
	up := serve(t, named("a"))
	c := testConfig(up.addr())
	c.workers = 2
	p := begin(t, c)
	ends, stays := dial(t, p.addr), dial(t, p.addr)
	askLine(t, ends)
	askLine(t, stays)
	grace, end := newContext()
	drained := make(chan struct{})
	go func() { p.drain(grace); close(drained) }()
	eventually(t, "nobody listens", func() bool {
		conn, err := net.Dial("tcp", p.addr)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	})
	askLine(t, ends) // it goes on
	require.NoError(t, ends.CloseWrite())
	_, err := io.ReadAll(ends)
	require.NoError(t, err)
	eventually(t, "one has ended", func() bool { return p.open.Load() == 1 })
	askLine(t, stays)
	select {
	case <-drained:
		t.Fatal("it did not wait")
	default:
	}
	end()
	<-drained
	_, err = stays.Read(make([]byte, 1))
	require.ErrorIs(t, err, syscall.ECONNRESET, "it is not to take this for the end")
	n := p.stats().Total
	require.EqualValues(t, 1, n.Cut)
}

// A reload changes where new connections go, and nothing else.
func TestReload(t *testing.T) {
	a, b := serve(t, named("a")), serve(t, named("b"))
	c := testConfig(a.addr())
	c.workers = 2
	p := begin(t, c)
	old := dial(t, p.addr)
	require.Equal(t, "a", askLine(t, old))
	next := testConfig(b.addr())
	next.workers = 2
	require.NoError(t, p.reload(next))
	require.False(t, p.unlike(next))
	for range 4 {
		require.Equal(t, "b", askLine(t, dial(t, p.addr)))
	}
	require.Equal(t, "a", askLine(t, old))
	s := p.stats()
	require.Equal(t, []UpstreamStats{
		{Address: b.addr(), State: "up", Open: 4, Total: 4},
		{Address: a.addr(), State: "removed", Open: 1, Total: 1},
	}, s.Upstreams)

	// What is known of an upstream that stays is kept, and connections to one that is named again
	// are counted with those that are new.
	require.NoError(t, p.reload(testConfig(b.addr(), a.addr())))
	require.EqualValues(t, 4, ask(p.monitor.x, func() int64 { return p.monitor.entries[0].open.sum() }))
	of := map[string]int64{"a": 1, "b": 4}
	for range 8 {
		of[askLine(t, dial(t, p.addr))]++
	}
	require.Greater(t, of["a"], int64(1))
	s = p.stats()
	require.Equal(t, []UpstreamStats{
		{Address: b.addr(), State: "up", Open: of["b"], Total: uint64(of["b"])},
		{Address: a.addr(), State: "up", Open: of["a"], Total: uint64(of["a"])},
	}, s.Upstreams)
	changed := testConfig(b.addr())
	changed.maxConnections++
	require.True(t, p.unlike(changed))
}

// What is known of upstreams that have gone is forgotten, so that reloads do not add up.
func TestReloadsDoNotAddUp(t *testing.T) {
	p := begin(t, testConfig(serve(t, named("a")).addr()))
	for range 20 {
		up := serve(t, named("x"))
		require.NoError(t, p.reload(testConfig(up.addr())))
		c := dial(t, p.addr)
		askLine(t, c)
		require.NoError(t, c.Close())
		eventually(t, "it has ended", func() bool { return p.stats().Open == 0 })
	}
	w := p.workers[0]
	_, err := exec.Call(t.Context(), w.x, func(*exec.Local) (struct{}, error) {
		require.LessOrEqual(t, len(w.usage), 2)
		return struct{}{}, nil
	})
	require.NoError(t, err)
}
