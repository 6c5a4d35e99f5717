package serve_test

import (
	"context"
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
	"github.com/pushcore/pushcore/exec/netio"
	"github.com/pushcore/pushcore/group/serve"
)

// modes are the two ways to get a connection to a worker.
var modes = map[string]struct {
	policy   balance.Policy
	acceptor *exec.Config
}{
	"kernel":                   {},
	"acceptor on worker 0":     {policy: balance.RoundRobin()},
	"acceptor of its own":      {policy: balance.LeastDepth(), acceptor: &exec.Config{Spin: -1}},
	"acceptor, by key of port": {policy: balance.KeyHash()},
}

// twoRequests answers a request of two bytes, and waits in the middle of one.
func twoRequests(co *exec.Co, c *netio.Conn) error {
	if c.Buffered() == 0 && c.Await() != nil {
		return nil
	}
	b, err := c.Peek(2)
	if err != nil {
		return err
	}
	_, err = c.Write(b[:2])
	c.Discard(2)
	if err == nil {
		return netio.Wait
	}
	return err
}

// A complete drain: those between requests are closed, the one in the middle of one ends it.
func TestShutdown(t *testing.T) {
	for name, m := range modes {
		t.Run(name, func(t *testing.T) {
			before := sockets(t)
			s := begin(t, serve.Config{Workers: 2, Handle: twoRequests, Balance: m.policy, Acceptor: m.acceptor, Key: serve.ByAddrPort})
			idle, busy := make([]net.Conn, 4), make([]net.Conn, 3)
			for i := range idle {
				idle[i] = dial(t, s)
				exchange(t, idle[i], "ab")
			}
			for i := range busy {
				busy[i] = dial(t, s)
				_, err := busy[i].Write([]byte("x"))
				require.NoError(t, err)
			}
			eventually(t, "they are served", func() bool { n := s.Stats().Net; return n.Waiting == 4 && n.BytesIn == 4*2+3 })
			type result struct {
				serve.Report
				err error
			}
			done := make(chan result)
			go func() {
				r, err := s.Shutdown(within(t, time.Minute))
				done <- result{r, err}
			}()
			for _, c := range idle {
				_, err := c.Read(make([]byte, 1))
				require.Equal(t, io.EOF, err)
			}
			_, err := net.Dial("tcp", s.Addr().String())
			require.Error(t, err)
			for _, c := range busy {
				exchange(t, c, "y", "xy")
				_, err := c.Read(make([]byte, 1))
				require.Equal(t, io.EOF, err)
			}
			r := <-done
			require.NoError(t, r.err)
			require.Equal(t, []uint64{7, 0, 0}, []uint64{r.Drained, r.Abandoned, r.Refused})
			require.Zero(t, r.Cancelled)
			require.NoError(t, s.Wait())
			n := s.Stats().Net
			require.Zero(t, n.Failed)
			require.Zero(t, n.Conns)
			for _, c := range append(idle, busy...) {
				_ = c.Close()
			}
			eventually(t, "all descriptors are closed", func() bool { return sockets(t) <= before })
		})
	}
}

func exchange(t testing.TB, c net.Conn, send string, want ...string) {
	t.Helper()
	_, err := c.Write([]byte(send))
	require.NoError(t, err)
	if len(want) == 0 {
		want = []string{send}
	}
	b := make([]byte, len(want[0]))
	_, err = io.ReadFull(c, b)
	require.NoError(t, err)
	require.Equal(t, want[0], string(b))
}

// A drain that runs out of time closes what is left, and says how many those were.
func TestShutdownDeadline(t *testing.T) {
	for name, m := range modes {
		t.Run(name, func(t *testing.T) {
			s := begin(t, serve.Config{Workers: 2, Handle: twoRequests, Balance: m.policy, Acceptor: m.acceptor, Key: serve.ByAddrPort})
			idle := dial(t, s)
			exchange(t, idle, "ab")
			busy := make([]net.Conn, 5)
			for i := range busy {
				busy[i] = dial(t, s)
				_, err := busy[i].Write([]byte("x"))
				require.NoError(t, err)
			}
			eventually(t, "they are served", func() bool { n := s.Stats().Net; return n.Waiting == 1 && n.BytesIn == 2+5 })
			ctx, giveUp := context.WithCancel(context.Background())
			go func() {
				_, _ = idle.Read(make([]byte, 1)) // it is closed at once
				giveUp()
			}()
			r, err := s.Shutdown(ctx)
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, []uint64{1, 5, 0}, []uint64{r.Drained, r.Abandoned, r.Refused})
			require.EqualValues(t, 5, r.Cancelled)
			for _, c := range busy {
				_, err := c.Read(make([]byte, 1))
				require.Error(t, err)
			}
			require.NoError(t, s.Wait())
			require.Zero(t, s.Stats().Net.Failed, "it was not the handlers' fault")
			again, err := s.Shutdown(context.Background())
			require.NoError(t, err)
			require.Zero(t, again.Drained+again.Abandoned+again.Refused)
		})
	}
}

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
