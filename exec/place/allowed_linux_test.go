//go:build linux && !portable

package place_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/pushcore/pushcore/exec/place"
)

// pinVar makes the test binary pin one of its threads, "main" or "other", and print what is allowed then. Only an init
// function is sure to run on the main thread, and to keep other goroutines from it.
const pinVar = "PLACE_TEST_PIN_THREAD"

func init() {
	which := os.Getenv(pinVar)
	if which == "" {
		return
	}
	show := func(allowed func() (place.Set, error)) {
		cpus, err := place.Choose(1)
		if err == nil {
			_, err = place.Pin(cpus)
		}
		got, err2 := allowed()
		fmt.Println(got, err, err2, unix.Gettid() == os.Getpid())
	}
	if which == "main" {
		show(place.Allowed)
	} else {
		// Without /proc there is no list of threads.
		onLockedThread(func() { show(func() (place.Set, error) { return place.AllowedTo(nil) }) })
	}
	os.Exit(0)
}

func TestAllowedIsTheMask(t *testing.T) {
	var mask unix.CPUSet
	if err := unix.SchedGetaffinity(os.Getpid(), &mask); err != nil {
		t.Skip("more than 1024 cpus:", err)
	}
	allowed, err := place.Allowed()
	require.NoError(t, err)
	for cpu := range 1024 {
		if mask.IsSet(cpu) {
			require.True(t, allowed.Contains(cpu), "cpu %d", cpu)
		}
	}
}

func TestAllowedWhilePinned(t *testing.T) {
	all, cpu := two(t)
	onLockedThread(func() {
		_, err := place.Pin(place.Of(cpu))
		require.NoError(t, err)
		got, err := place.Allowed()
		require.NoError(t, err)
		require.Equal(t, all, got, "the calling thread's own mask must not count")
	})
}

func TestAllowedWithThreadPinned(t *testing.T) {
	all, _ := two(t)
	for _, which := range []string{"main", "other"} {
		cmd := exec.Command(os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), pinVar+"="+which)
		out, err := cmd.CombinedOutput()
		if errors.Is(err, syscall.ENOEXEC) {
			t.Skip("under an emulator a program cannot start itself")
		}
		require.NoError(t, err)
		require.Equal(t, fmt.Sprintln(all, nil, nil, which == "main"), string(out))
	}
}

// two returns what is allowed and one cpu of it, or skips where there is no second one.
func two(t *testing.T) (place.Set, int) {
	all, err := place.Allowed()
	require.NoError(t, err)
	if len(all) < 2 {
		t.Skip("needs two cpus, allowed:", all)
	}
	return all, all[len(all)-1]
}

// onLockedThread runs f on a goroutine that ends locked to its thread.
func onLockedThread(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		f()
	}()
	<-done
}
