package serve_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
	"github.com/pushcore/pushcore/exec/place"
	"github.com/pushcore/pushcore/group"
	"github.com/pushcore/pushcore/group/serve"
)

func nothing(*exec.Co, *netio.Conn) error { return nil }

func TestWrongConfig(t *testing.T) {
	for want, cfg := range map[string]serve.Config{
		"both or neither of Handle and Worker": {},
		"Handle and Worker: one":               {Handle: nothing, Worker: whoami},
		"Config.HandOver is -1":                {Handle: nothing, HandOver: -1},
		"Listen has Handle":                    {Handle: nothing, Listen: netio.ListenConfig{ReusePort: true}},
		"Balance and Listen.Steer":             {Handle: nothing, Balance: balance.RoundRobin(), Listen: netio.ListenConfig{Steer: netio.SteerByCPU(1)}},
		"Config.Acceptor is set":               {Handle: nothing, Acceptor: &exec.Config{}},
		"2 workers cannot share":               {Handle: nothing, Network: "unix", Address: "/x", Workers: 2},
		"Config.Workers is -3":                 {Handle: nothing, Workers: -3},
		"3 workers":                            {Handle: nothing, Workers: 3, CPUs: place.Set{0}},
		"Config.Acceptor: exec: Config.Burst":  {Handle: nothing, Balance: balance.RoundRobin(), Acceptor: &exec.Config{Burst: -1}},
		"depth limit -4":                       {Handle: nothing, Balance: balance.BoundedDepth(-4, balance.RoundRobin())},
	} {
		if want[0] == 'H' || want[0] == 'L' || want[0] == 'B' {
			want = " " + want
		}
		_, err := serve.New(cfg)
		require.ErrorContains(t, err, strings.TrimSpace(want))
	}
}

// One worker that cannot start ends all, and its error says which.
func TestWorkerThatCannotStart(t *testing.T) {
	before := sockets(t)
	wrong := errors.New("wrong")
	for name, m := range modes {
		s := prepare(t, serve.Config{Workers: 3, Balance: m.policy, Acceptor: m.acceptor, Worker: func(l *exec.Local, r *netio.Reactor, id int) (netio.Handler, error) {
			if id == 1 {
				return nil, wrong
			}
			return nothing, nil
		}})
		err := s.Start()
		if errors.Is(err, errors.ErrUnsupported) {
			t.Skip(err)
		}
		require.ErrorIs(t, err, wrong, name)
		require.ErrorContains(t, err, "worker 1")
		require.Error(t, s.Wait())
		require.ErrorIs(t, s.Start(), group.ErrClosed)
		require.Nil(t, s.Addr())
	}
	s := prepare(t, serve.Config{Worker: func(*exec.Local, *netio.Reactor, int) (netio.Handler, error) { return nil, nil }})
	require.ErrorContains(t, s.Start(), "no handler for worker 0")
	eventually(t, "all descriptors are closed", func() bool { return sockets(t) <= before })
}

// An address that is taken is not shared by accident, as SO_REUSEPORT would have it.
func TestAddressInUse(t *testing.T) {
	first := begin(t, serve.Config{Workers: 2, Worker: whoami})
	for name, m := range modes {
		s := prepare(t, serve.Config{Name: "second", Address: first.Addr().String(), Workers: 2, Worker: whoami, Balance: m.policy, Acceptor: m.acceptor})
		err := s.Start()
		require.ErrorIs(t, err, syscall.EADDRINUSE, name)
		require.ErrorContains(t, err, "serve: second:")
		require.ErrorContains(t, err, first.Addr().String())
		require.NoError(t, s.Wait())
	}
	// Unless both say so.
	a := begin(t, serve.Config{Workers: 2, Worker: whoami, Share: true})
	b := begin(t, serve.Config{Workers: 1, Worker: whoami, Share: true, Balance: balance.RoundRobin(), Address: a.Addr().String()})
	workers(t, a, 64)
	eventually(t, "both serve", func() bool {
		n, m := a.Stats().Net.Accepted, b.Stats().Net.Accepted
		return n > 0 && m > 0 && n+m == 64
	})
}

// All workers listen at the address that was asked for: a host of its own, none, both
// families.
func TestAddresses(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "localhost:0", ":0", "[::]:0", "[::1]:0", "0.0.0.0:0"} {
		for name, m := range modes {
			s := prepare(t, serve.Config{Address: address, Workers: 2, Worker: whoami, Balance: m.policy, Acceptor: m.acceptor, Key: serve.ByAddrPort})
			err := s.Start()
			if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT) {
				t.Log(address, err)
				continue
			}
			require.NoError(t, err, name)
			port := s.Addr().(*net.TCPAddr).Port
			require.NotZero(t, port)
			hosts := map[string]net.IP{"127": net.IPv4(127, 0, 0, 1), "loc": net.IPv4(127, 0, 0, 1), "0.0": net.IPv4(127, 0, 0, 1), "[::": net.IPv6loopback, ":0": net.IPv4(127, 0, 0, 1)}
			met := map[int]bool{}
			for range 64 { // each worker is met
				c, err := net.DialTCP("tcp", nil, &net.TCPAddr{IP: hosts[address[:min(len(address), 3)]], Port: port})
				require.NoError(t, err, address)
				met[worker(t, c)] = true
				require.NoError(t, c.Close())
			}
			require.Len(t, met, 2, address)
			s.Stop()
			require.NoError(t, s.Wait())
		}
	}
	_, err := net.Dial("tcp", "127.0.0.1:1")
	require.Error(t, err)
	s := prepare(t, serve.Config{Address: "nonsense", Handle: nothing})
	require.ErrorContains(t, s.Start(), "nonsense")
}

func TestUnix(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	s := begin(t, serve.Config{Network: "unix", Address: path, Workers: 2, Worker: whoami, Balance: balance.RoundRobin()})
	ids, _ := workers(t, s, 4)
	require.Equal(t, []int{0, 1, 0, 1}, ids)
	second := prepare(t, serve.Config{Network: "unix", Address: path, Handle: nothing})
	require.ErrorIs(t, second.Start(), syscall.EADDRINUSE)
	require.NoError(t, s.Drain(within(t, patience)))
	_, err := os.Lstat(path)
	require.ErrorIs(t, err, os.ErrNotExist)
}

// On a loop nothing waits.
func TestOnLoop(t *testing.T) {
	s := begin(t, serve.Config{Handle: nothing})
	errs := make(chan error, 4)
	require.True(t, s.Group().Exec(0).TrySend(exec.Func(func(*exec.Local) {
		errs <- s.Start()
		errs <- s.Wait()
		errs <- s.Drain(within(t, time.Second))
		errs <- s.Run(within(t, time.Second))
	})))
	for range 4 {
		require.ErrorIs(t, <-errs, exec.ErrOnLoop)
	}
	require.ErrorIs(t, s.Start(), group.ErrStarted)
}
