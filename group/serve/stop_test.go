package serve_test

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group/serve"
)

// Connections come as fast as they can while the server is stopped: every descriptor is
// closed, wherever its connection was, and every client hears of the end.
func TestStopUnderLoad(t *testing.T) {
	for name, m := range modes {
		t.Run(name, func(t *testing.T) {
			before := sockets(t)
			for round := range 5 {
				s := prepare(t, serve.Config{Workers: 2, Worker: whoami, Balance: m.policy, Acceptor: m.acceptor, Key: serve.ByAddrPort, HandOver: 4})
				start(t, s)
				var wg sync.WaitGroup
				var served atomic.Int32
				over := make(chan struct{})
				for range 4 {
					wg.Go(func() {
						for {
							select {
							case <-over:
								return
							default:
							}
							// When a listener closes, the kernel may lose a connection that is just
							// being made to it, and its client asks after it then.
							d := net.Dialer{Timeout: patience, KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: time.Second}}
							c, err := d.Dial("tcp", s.Addr().String())
							if err != nil {
								continue
							}
							_ = c.SetDeadline(time.Now().Add(patience))
							if _, err = c.Read(make([]byte, 1)); err == nil {
								served.Add(1)
							}
							if errors.Is(err, os.ErrDeadlineExceeded) {
								t.Error("a client was forgotten")
							}
							_ = c.(*net.TCPConn).SetLinger(0)
							_ = c.Close()
						}
					})
				}
				eventually(t, "some are served", func() bool { return served.Load() > 20 })
				if round%2 == 0 {
					s.Stop()
				} else {
					_, err := s.Shutdown(within(t, time.Minute))
					require.NoError(t, err)
				}
				require.NoError(t, s.Wait())
				close(over)
				wg.Wait()
				st := s.Stats()
				require.Zero(t, st.Net.Conns)
				if m.policy != nil {
					require.Equal(t, st.Net.Dispatched, st.Net.Accepted-st.Net.NoDescriptors)
				}
			}
			eventually(t, "all descriptors are closed", func() bool { return sockets(t) <= before })
		})
	}
}

// A worker that ends before its time gets nothing any more. What was on its way to it is
// closed, and the others go on.
func TestWorkerThatEnds(t *testing.T) {
	before := sockets(t)
	release := make(chan struct{})
	s := begin(t, serve.Config{Workers: 3, Worker: whoami, Balance: balance.RoundRobin(), Exec: exec.Config{Burst: 1, OnPanic: exec.Panic.Stop}})
	require.True(t, s.Group().Exec(1).TrySend(exec.Func(func(*exec.Local) {
		<-release
		panic("the worker's")
	})))
	var held []net.Conn
	for i := range 9 {
		if c := dial(t, s); i%3 == 1 {
			held = append(held, c)
		} else {
			require.Equal(t, i%3, worker(t, c))
		}
	}
	close(release)
	for _, c := range held {
		_, err := io.Copy(io.Discard, c) // it may have been greeted yet
		require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
	}
	eventually(t, "it has ended", func() bool { return s.Group().Exec(1).Ended() })
	ids, conns := workers(t, s, 6)
	for _, id := range ids {
		require.NotEqual(t, 1, id)
	}
	eventually(t, "each is counted", func() bool {
		n := s.Stats()
		return n.Stranded == 2 && n.Net.Abandoned == 1 && n.Net.Accepted == 15 && n.HandedOver == 15
	})
	_, err := s.Shutdown(within(t, time.Minute))
	require.ErrorContains(t, err, "the worker's")
	for _, c := range append(conns, held...) {
		_ = c.Close()
	}
	eventually(t, "all descriptors are closed", func() bool { return sockets(t) <= before+6 }) // those of dial that are still open
}

// The keys of a worker that has ended go to others.
func TestKeysOfAWorkerThatEnds(t *testing.T) {
	s := begin(t, serve.Config{Workers: 3, Worker: whoami, Balance: balance.KeyHash(), Key: serve.ByAddrPort})
	s.Group().Exec(1).Stop()
	require.NoError(t, s.Group().Exec(1).Wait())
	ids, _ := workers(t, s, 20)
	require.NotContains(t, ids, 1)
	require.Zero(t, s.Stats().Net.Refused)
}
