package serve_test

import (
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
	"github.com/pushcore/pushcore/group/serve"
)

// The kernel spreads, and every connection is served where it has come.
func TestKernelSpreads(t *testing.T) {
	s := begin(t, serve.Config{Workers: 2, Worker: whoami})
	const n = 64
	ids, _ := workers(t, s, n)
	got := map[int]uint64{}
	for _, id := range ids {
		got[id]++
	}
	require.Len(t, got, 2, "64 connections on one of two workers come up once in 2^63 times")
	eventually(t, "the workers have counted them", func() bool {
		w := s.Stats().Workers
		return w[0].Net.Accepted == got[0] && w[1].Net.Accepted == got[1]
	})
	require.EqualValues(t, n, s.Stats().Net.Accepted)
	require.Zero(t, s.Stats().HandedOver)
}

func TestRoundRobinIsExact(t *testing.T) {
	for name, own := range map[string]*exec.Config{"on worker 0": nil, "on its own": {Spin: -1}} {
		t.Run(name, func(t *testing.T) {
			s := begin(t, serve.Config{Workers: 3, Worker: whoami, Balance: balance.RoundRobin(), Acceptor: own})
			ids, _ := workers(t, s, 7)
			require.Equal(t, []int{0, 1, 2, 0, 1, 2, 0}, ids)
			eventually(t, "all is counted", func() bool {
				s := s.Stats()
				return s.Net.Accepted == 7 && s.Net.Dispatched == 7 && s.HandedOver == 7 && s.Net.Conns == 7
			})
			require.Equal(t, own != nil, s.Stats().Acceptor != nil)
		})
	}
}

// A source address has its worker; with ByAddrPort each of its connections has one.
func TestKeyHash(t *testing.T) {
	s := begin(t, serve.Config{Workers: 4, Worker: whoami, Balance: balance.KeyHash()})
	used := map[int]bool{}
	for i := range 12 {
		from := fmt.Sprintf("127.0.0.%d", 2+i)
		home := worker(t, dialFrom(t, s, from))
		used[home] = true
		for range 3 {
			require.Equal(t, home, worker(t, dialFrom(t, s, from)), from)
		}
	}
	require.Greater(t, len(used), 1)

	s = begin(t, serve.Config{Workers: 4, Worker: whoami, Balance: balance.KeyHash(), Key: serve.ByAddrPort})
	used = map[int]bool{}
	eventually(t, "ports differ", func() bool {
		used[worker(t, dial(t, s))] = true
		return len(used) > 1
	})
	// One source port, twice.
	c := dial(t, s)
	home, from := worker(t, c), c.LocalAddr()
	require.NoError(t, c.(*net.TCPConn).SetLinger(0))
	require.NoError(t, c.Close())
	again, err := (&net.Dialer{LocalAddr: from, Timeout: patience}).Dial("tcp", s.Addr().String())
	if err != nil {
		t.Skip("the port was taken meanwhile:", err)
	}
	defer again.Close()
	require.Equal(t, home, worker(t, again))
}

// Of connections that stay, and end unevenly, the next ones go where there are least.
func TestLeastConnections(t *testing.T) {
	s := begin(t, serve.Config{Workers: 2, Worker: whoami, Balance: balance.LeastLoaded()})
	ids, conns := workers(t, s, 20)
	open := make([][]net.Conn, 2)
	for i, id := range ids {
		open[id] = append(open[id], conns[i])
	}
	require.Equal(t, []int{10, 10}, []int{len(open[0]), len(open[1])})
	for _, c := range open[0][:8] {
		require.NoError(t, c.Close())
	}
	eventually(t, "worker 0 has two", func() bool { return s.Stats().Workers[0].Net.Conns == 2 })
	ids, _ = workers(t, s, 8)
	require.Equal(t, []int{0, 0, 0, 0, 0, 0, 0, 0}, ids)
}

// A worker that has as many as it may is passed over; when all have, clients are told.
func TestFull(t *testing.T) {
	for name, policy := range map[string]balance.Policy{"round robin": balance.RoundRobin(), "key hash": balance.KeyHash(), "kernel": nil} {
		t.Run(name, func(t *testing.T) {
			const each = 3
			s := begin(t, serve.Config{Workers: 2, Worker: whoami, Balance: policy, Listen: netio.ListenConfig{
				MaxConns: each, Refuse: func(c *netio.Conn) { _, _ = c.TryWrite([]byte("full")) },
			}})
			var refused uint64
			var conns []net.Conn
			got := map[byte]int{}
			for range 40 {
				c := dial(t, s)
				var b [1]byte
				_, err := io.ReadFull(c, b[:])
				require.NoError(t, err)
				if b[0] == 'f' {
					rest, err := io.ReadAll(c)
					require.NoError(t, err)
					require.Equal(t, "ull", string(rest))
					refused++
					continue
				}
				got[b[0]]++
				conns = append(conns, c)
			}
			switch name {
			case "round robin":
				require.Equal(t, map[byte]int{'0': each, '1': each}, got)
			case "key hash":
				require.Len(t, got, 1, "all come from one address, which may not go elsewhere")
				require.Len(t, conns, each)
			case "kernel":
				require.LessOrEqual(t, max(got['0'], got['1']), each)
			}
			eventually(t, "the refused are counted", func() bool { return s.Stats().Net.Refused == refused })
			if name == "kernel" {
				return
			}
			for i := 0; i < len(conns); i += 2 { // the place that is free is found: always that of worker 0, in turn
				eventually(t, "all are counted", func() bool { return s.Stats().Net.Conns == len(conns) })
				require.NoError(t, conns[i].Close())
				eventually(t, "its place is free", func() bool { return s.Stats().Net.Conns == len(conns)-1 })
				conns[i] = dial(t, s)
				require.Less(t, worker(t, conns[i]), 2)
			}
		})
	}
}

// stray picks workers that do not exist, and panics.
type stray struct{ picks *int }

func (b stray) Pick(uint64, *balance.View) int {
	switch *b.picks++; *b.picks {
	case 1:
		return 7
	case 2:
		return -5
	case 3:
		panic("a balancer's")
	}
	return 1
}

func (stray) Update(*balance.View) error { return nil }

func (stray) Ordered() bool { return false }

// A balancer that is wrong loses the connections that it is wrong about, and no others.
func TestWrongBalancer(t *testing.T) {
	picks := 0
	s := begin(t, serve.Config{Workers: 2, Worker: whoami, Exec: exec.Config{OnPanic: func(exec.Panic) {}},
		Balance: func(*balance.View) (balance.Balancer, error) { return stray{&picks}, nil }})
	for range 3 {
		_, err := dial(t, s).Read(make([]byte, 1))
		require.Error(t, err)
	}
	require.Equal(t, 1, worker(t, dial(t, s)))
	eventually(t, "three are refused, and one is served", func() bool {
		n := s.Stats().Net
		return n.Refused == 3 && n.Conns == 1
	})
}

// A lane that is full refuses.
func TestHandOverIsFull(t *testing.T) {
	release := make(chan struct{})
	s := begin(t, serve.Config{Workers: 2, Worker: whoami, Balance: balance.RoundRobin(), HandOver: 2})
	require.True(t, s.Group().Exec(1).TrySend(exec.Func(func(*exec.Local) { <-release })))
	for i := range 10 { // 5 to each
		c := dial(t, s)
		if i%2 == 0 {
			require.Equal(t, 0, worker(t, c))
		}
	}
	eventually(t, "three are refused, and seven were not", func() bool {
		n := s.Stats()
		return n.Net.Refused == 3 && n.HandedOver == 7
	})
	close(release)
	eventually(t, "two are served", func() bool { return s.Stats().Workers[1].Net.Conns == 2 })
}
