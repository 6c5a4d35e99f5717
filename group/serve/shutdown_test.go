package serve_test

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
	"github.com/pushcore/pushcore/group/serve"
)

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
			late := uint64(0) // who comes before the last worker has closed its listener
			eventually(t, "nobody listens", func() bool {
				c, err := net.Dial("tcp", s.Addr().String())
				if err == nil {
					late++
					_ = c.Close()
				}
				return err != nil
			})
			for _, c := range busy {
				exchange(t, c, "y", "xy")
				_, err := c.Read(make([]byte, 1))
				require.Equal(t, io.EOF, err)
			}
			r := <-done
			require.NoError(t, r.err)
			require.GreaterOrEqual(t, r.Drained, uint64(7))
			require.LessOrEqual(t, r.Drained+r.Refused, 7+late)
			require.Zero(t, r.Abandoned)
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

// What waits in the kernel when a Shutdown begins is answered, whoever accepts it.
func TestShutdownAnswersQueued(t *testing.T) {
	for name, m := range modes {
		t.Run(name, func(t *testing.T) {
			s := begin(t, serve.Config{Workers: 2, Balance: m.policy, Acceptor: m.acceptor, Key: serve.ByAddrPort, Handle: func(_ *exec.Co, c *netio.Conn) error {
				for {
					if err := c.Await(); err != nil {
						return err
					}
					if _, err := c.Write([]byte("late")); err != nil {
						return err
					}
					c.Discard(c.Buffered())
				}
			}})
			goOn, held := make(chan struct{}), make(chan struct{})
			for i := range 2 {
				require.True(t, s.Group().Exec(i).TrySend(exec.Func(func(*exec.Local) {
					held <- struct{}{}
					<-goOn
				})))
				<-held
			}
			cs := make([]net.Conn, 20)
			for i := range cs {
				cs[i] = dial(t, s)
				_, err := cs[i].Write([]byte("ab"))
				require.NoError(t, err)
			}
			done := make(chan error, 1)
			go func() { done <- s.Drain(within(t, time.Minute)) }()
			time.Sleep(20 * time.Millisecond) // so that it may have begun
			close(goOn)
			for _, c := range cs {
				b, err := io.ReadAll(c)
				require.NoError(t, err)
				require.Equal(t, "late", string(b))
			}
			require.NoError(t, <-done)
			require.Zero(t, s.Stats().Net.Refused)
		})
	}
}
