package serve_test

import (
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
	"github.com/pushcore/pushcore/group/serve"
)

// A Refuse that panics on a worker takes those with it that have come in the same batch.
// They are closed, and counted.
func TestRefuseThatPanics(t *testing.T) {
	release := make(chan struct{})
	s := begin(t, serve.Config{Workers: 2, Worker: whoami, Balance: balance.RoundRobin(), Net: netio.Config{MaxConns: 1},
		Exec:   exec.Config{OnPanic: func(exec.Panic) {}},
		Listen: netio.ListenConfig{Refuse: func(*netio.Conn) { panic("a Refuse's") }},
	})
	require.True(t, s.Group().Exec(1).TrySend(exec.Func(func(*exec.Local) { <-release })))
	var conns []net.Conn
	for range 10 { // 5 to each
		conns = append(conns, dial(t, s))
	}
	close(release)
	require.Equal(t, 0, worker(t, conns[0]))
	require.Equal(t, 1, worker(t, conns[1]))
	for _, c := range conns[2:] {
		_, err := c.Read(make([]byte, 1))
		require.Error(t, err)
		require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
	}
	eventually(t, "eight are counted", func() bool { n := s.Stats(); return n.Net.Refused+n.Stranded == 8 })
	require.Positive(t, s.Stats().Stranded)
	eventually(t, "the acceptor knows", func() bool { return s.Open() == 2 })
}

// A handler that panics loses its connection, a Refuse that panics the one it was given.
func TestPanics(t *testing.T) {
	for name, m := range modes {
		t.Run(name, func(t *testing.T) {
			var panics atomic.Int32
			s := begin(t, serve.Config{Workers: 2, Balance: m.policy, Acceptor: m.acceptor, Key: serve.ByAddrPort,
				Exec:   exec.Config{OnPanic: func(exec.Panic) { panics.Add(1) }},
				Handle: func(*exec.Co, *netio.Conn) error { panic("a handler's") },
			})
			for range 10 {
				_, err := dial(t, s).Read(make([]byte, 1))
				require.Error(t, err)
				require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
			}
			eventually(t, "all have failed", func() bool { n := s.Stats().Net; return n.Failed == 10 && n.Conns == 0 })
			require.EqualValues(t, 10, panics.Load())
			s.Stop()
			require.NoError(t, s.Wait())

			s = begin(t, serve.Config{Workers: 2, Worker: whoami, Balance: m.policy, Key: serve.ByAddrPort,
				Exec:   exec.Config{OnPanic: func(exec.Panic) { panics.Add(1) }},
				Listen: netio.ListenConfig{MaxConns: 1, Refuse: func(*netio.Conn) { panic("a Refuse's") }},
			})
			var wg sync.WaitGroup
			var served, refused atomic.Int32
			for range 30 {
				wg.Go(func() {
					c := dial(t, s)
					if _, err := c.Read(make([]byte, 1)); err != nil {
						refused.Add(1)
						if errors.Is(err, os.ErrDeadlineExceeded) {
							t.Error("a client was forgotten")
						}
						return
					}
					served.Add(1)
				})
			}
			wg.Wait()
			require.Positive(t, served.Load())
			require.LessOrEqual(t, served.Load(), int32(2))
			eventually(t, "the refused are counted", func() bool {
				n := s.Stats()
				return n.Net.Refused+n.Stranded == uint64(refused.Load())
			})
			s.Stop()
			require.NoError(t, s.Wait())
		})
	}
}
