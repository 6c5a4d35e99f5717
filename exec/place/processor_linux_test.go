//go:build linux && !portable

package place_test

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"

	"github.com/klauspost/cpuid/v2/topology"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/pushcore/pushcore/exec/place"
)

func TestAskProcessor(t *testing.T) {
	allowed, err := place.Allowed()
	require.NoError(t, err)
	before, err := place.OwnMask()
	require.NoError(t, err)

	cpus := place.AskProcessor(allowed)
	if runtime.GOARCH != "amd64" {
		require.Nil(t, cpus, "only amd64 has the instruction")
		return
	}
	ids := place.Set(nil)
	for _, c := range cpus {
		ids = append(ids, c.ID)
		require.True(t, c.SMT.Contains(c.ID))
	}
	require.Equal(t, allowed, place.Of(ids...))

	after, err := place.OwnMask()
	require.NoError(t, err)
	require.Equal(t, before, after, "asking must not move the caller")
	require.Nil(t, place.AskProcessor(place.Of(place.MaxCPU)), "a cpu that cannot be visited")
}

// In a process of its own: the threads of this one have been used by other tests, and the main thread may be taken.
func TestOnOwnThread(t *testing.T) {
	const alone = "PLACE_TEST_ALONE"
	if os.Getenv(alone) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestOnOwnThread$")
		cmd.Env = append(os.Environ(), alone+"=1")
		out, err := cmd.CombinedOutput()
		if errors.Is(err, syscall.ENOEXEC) {
			t.Skip("under an emulator a program cannot start itself")
		}
		require.NoError(t, err, "%s", out)
		return
	}
	for range 50 {
		place.OnOwnThread(func() {
			require.NotEqual(t, os.Getpid(), unix.Gettid(), "the main thread")
		})
	}
}

func TestDescribe(t *testing.T) {
	l2, l3 := []topology.Cache{{Level: 2}}, []topology.Cache{{Level: 3}}
	core := func(kind topology.CoreType, threads ...int) topology.Core {
		c := topology.Core{Type: kind, Caches: l2}
		for _, id := range threads {
			c.Threads = append(c.Threads, topology.Thread{ID: id})
		}
		return c
	}
	p, e := topology.Performance, topology.Efficiency

	// The scan's threads 0, 1, 2 are cpus 4, 6, 9.
	got := place.Describe(&topology.System{Packages: []topology.Package{{ID: 1, Groups: []topology.Group{
		{Caches: l3, Cores: []topology.Core{core(p, 0, 1), core(e, 2)}},
	}}}}, place.Of(4, 6, 9))
	pair, one, all := place.Of(4, 6), place.Of(9), place.Of(4, 6, 9)
	require.Equal(t, []place.CPU{
		{ID: 4, Package: 1, SMT: pair, L2: pair, L3: all, Kind: place.Performance},
		{ID: 6, Package: 1, SMT: pair, L2: pair, L3: all, Kind: place.Performance},
		{ID: 9, Package: 1, SMT: one, L2: one, L3: all, Kind: place.Efficiency},
	}, got)

	got = place.Describe(&topology.System{Packages: []topology.Package{{Groups: []topology.Group{
		{Cores: []topology.Core{core(p, 0)}},
	}}}}, place.Of(3))
	require.Equal(t, []place.CPU{{ID: 3, SMT: place.Of(3), L2: place.Of(3), L3: place.Of(3)}}, got, "all alike")
}
