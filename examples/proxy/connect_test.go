package main

import (
	"io"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// refusing returns an address on which nobody listens.
func refusing(t *testing.T) string {
	s := serve(t, echo)
	s.kill()
	return s.addr()
}

// A connection that is refused by one upstream is made to another, and after a few of them the
// one that refuses is not asked any more.
func TestRetryAndEjection(t *testing.T) {
	bad := refusing(t)
	c := testConfig(bad, serve(t, named("good")).addr())
	c.health.eject, c.health.ejectMax = time.Hour, time.Hour
	p := begin(t, c)
	ejected := func() bool { return p.stats().Upstreams[0].State == "ejected" }
	for range 3 * 2 {
		require.Equal(t, "good", askLine(t, dial(t, p.addr)))
	}
	eventually(t, "the other one is ejected", ejected)
	s := p.stats()
	require.EqualValues(t, 3, s.Upstreams[0].Failures)
	require.EqualValues(t, 3, s.Total.Retries)
	require.Zero(t, s.Upstreams[0].Total+s.Total.Unserved)
	for range 4 {
		require.Equal(t, "good", askLine(t, dial(t, p.addr)))
	}
	require.EqualValues(t, 3, p.stats().Total.ConnectErrors, "nobody asks it any more")
}

// Failures count in a row only: an upstream that works in between stays.
func TestFailuresInARow(t *testing.T) {
	up := serve(t, named("flaky"))
	addr := netip.MustParseAddrPort(up.addr())
	c := testConfig(up.addr(), serve(t, named("other")).addr())
	c.health.failures = 2
	p := begin(t, c)
	for i := range 3 {
		up.kill()
		eventually(t, "it fails once", func() bool {
			askLine(t, dial(t, p.addr))
			return p.stats().Upstreams[0].Failures == uint64(i+1)
		})
		ln, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(addr))
		require.NoError(t, err)
		up = serveOn(t, ln, named("flaky"))
		eventually(t, "it works again", func() bool { return askLine(t, dial(t, p.addr)) == "flaky" })
		require.Equal(t, "up", p.stats().Upstreams[0].State)
	}
}

// When there is no upstream the client is reset, and at once.
func TestNobodyServes(t *testing.T) {
	c := testConfig(refusing(t), refusing(t), refusing(t), refusing(t))
	c.connectRetries = 1
	p := begin(t, c)
	require.ErrorIs(t, refusal(p.addr), syscall.ECONNRESET)
	eventually(t, "it is counted", func() bool { return p.stats().Total.Unserved == 1 })
	n := p.stats().Total
	require.EqualValues(t, []uint64{2, 1}, []uint64{n.ConnectErrors, n.Retries}, "the bound of retries is kept")
}

// Checks find an upstream that has gone, and that it is back, without any client.
func TestChecksFindOut(t *testing.T) {
	up, other := serve(t, named("a")), serve(t, named("b"))
	c := testConfig(up.addr(), other.addr())
	c.health.interval, c.health.timeout = 5*time.Millisecond, limit
	p := begin(t, c)
	state := func(want string) func() bool {
		return func() bool { return p.stats().Upstreams[0].State == want }
	}
	up.kill()
	eventually(t, "it is down", state("down"))
	for range 4 {
		require.Equal(t, "b", askLine(t, dial(t, p.addr)))
	}
	require.Zero(t, p.stats().Total.ConnectErrors)
	ln, err := net.Listen("tcp", up.addr())
	require.NoError(t, err)
	serveOn(t, ln, named("a"))
	eventually(t, "it is up", state("up"))
	eventually(t, "it is used", func() bool { return askLine(t, dial(t, p.addr)) == "a" })
}

// One source always has the same upstream; with round-robin all take turns, also over workers.
func TestSpreading(t *testing.T) {
	ups := []string{serve(t, named("a")).addr(), serve(t, named("b")).addr(), serve(t, named("c")).addr()}
	for _, policy := range balances {
		c := testConfig(ups...)
		c.balance = policy
		p := begin(t, c)
		seen := map[string]int{}
		for range 12 {
			seen[askLine(t, dial(t, p.addr))]++ // it stays open
		}
		if policy == "maglev" {
			require.Len(t, seen, 1, "one source")
			continue
		}
		require.Equal(t, map[string]int{"a": 4, "b": 4, "c": 4}, seen, policy)
	}
}

// A client that is one too many is reset, and when another one has gone there is room.
func TestMaxConnections(t *testing.T) {
	c := testConfig(serve(t, named("a")).addr())
	c.maxConnections, c.workers = 3, 2
	p := begin(t, c)
	var conns []net.Conn
	for range 3 {
		conns = append(conns, dial(t, p.addr))
		askLine(t, conns[len(conns)-1])
	}
	for range 5 {
		require.ErrorIs(t, refusal(p.addr), syscall.ECONNRESET)
	}
	eventually(t, "they are counted", func() bool { return p.stats().Total.Refused == 5 })
	require.EqualValues(t, 3, p.stats().Open)
	require.NoError(t, conns[0].Close())
	eventually(t, "there is room", func() bool { return p.stats().Open == 2 })
	askLine(t, dial(t, p.addr))
	for _, conn := range conns[1:] {
		askLine(t, conn)
	}
}

// Both sides of a connection on which nothing moves are closed, and so are those of one that
// is old, whatever moves.
func TestIdleAndLifetime(t *testing.T) {
	ended := make(chan error, 1)
	up := serve(t, func(c net.Conn) {
		_, err := io.Copy(c, c)
		ended <- err
	})
	c := testConfig(up.addr())
	c.idleTimeout = 50 * time.Millisecond
	p := begin(t, c)
	_, err := io.ReadAll(dial(t, p.addr))
	require.NoError(t, err)
	require.NoError(t, <-ended)
	eventually(t, "it is counted", func() bool { return p.stats().Total.Idle == 1 })

	c = testConfig(up.addr())
	c.maxLifetime = 100 * time.Millisecond
	p = begin(t, c)
	conn := dial(t, p.addr)
	for err = nil; err == nil; time.Sleep(time.Millisecond) {
		if _, err = conn.Write([]byte("x")); err == nil {
			_, err = conn.Read(make([]byte, 1))
		}
	}
	<-ended
	eventually(t, "it is counted", func() bool { return p.stats().Total.Lifetime == 1 })
}

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
	require.Error(t, err)
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

	// What is known of an upstream that stays is kept.
	require.NoError(t, p.reload(testConfig(b.addr(), a.addr())))
	require.EqualValues(t, 4, p.stats().Upstreams[0].Open)
	require.EqualValues(t, 1, ask(p.monitor.x, func() int64 { return p.monitor.entries[0].open.sum() - 3 }))
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
