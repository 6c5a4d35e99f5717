package exectest

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSeedsRunsEachSeed(t *testing.T) {
	t.Setenv(SeedVar, "")
	t.Setenv(SeedsVar, "")
	var ran []uint64
	note := func(t *testing.T, seed uint64) { ran = append(ran, seed) }
	Seeds(t, 3, note)
	Seeds(t, 0, note)
	require.Equal(t, []uint64{1, 2, 3}, ran)

	ran = nil
	t.Setenv(SeedsVar, "5")
	Seeds(t, 3, note)
	require.Len(t, ran, 5)

	ran = nil
	t.Setenv(SeedVar, "18446744073709551615")
	Seeds(t, 3, note)
	require.Equal(t, []uint64{1<<64 - 1}, ran)
}

func TestSeedsRefusesNonsense(t *testing.T) {
	for _, bad := range []string{"x", "0", "-1", "1.5"} {
		_, _, err := seeds(3, bad, "")
		require.ErrorContains(t, err, SeedVar+` is "`+bad+`"`)
		_, _, err = seeds(3, "", bad)
		require.ErrorContains(t, err, SeedsVar+` is "`+bad+`"`)
	}
}

func TestRoot(t *testing.T) {
	require.Equal(t, "TestX", root("TestX"))
	require.Equal(t, "TestX", root("TestX/seed=1/more"))
}

// The first seed that fails ends the run and is named. It fails in a process of its
// own.
func TestSeedsReportsTheFirstFailure(t *testing.T) {
	const mark = "PUSHCORE_TEST_FAILING_SEED"
	if os.Getenv(mark) != "" {
		Seeds(t, 1000, func(t *testing.T, seed uint64) { require.Less(t, seed, uint64(7)) })
		return
	}
	t.Setenv(SeedVar, "")
	t.Setenv(SeedsVar, "")
	run := func(env ...string) string {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestSeedsReportsTheFirstFailure$")
		cmd.Env = append(append(os.Environ(), mark+"=1"), env...)
		out, err := cmd.CombinedOutput()
		if errors.Is(err, syscall.ENOEXEC) {
			t.Skip("under an emulator a program cannot start itself")
		}
		require.Error(t, err)
		return string(out)
	}
	out := run()
	require.Contains(t, out, "--- FAIL: TestSeedsReportsTheFirstFailure/seed=7 ")
	require.Contains(t, out, "PUSHCORE_SEED=7 go test -run '^TestSeedsReportsTheFirstFailure$'")
	require.NotContains(t, out, "seed=8")
	require.Contains(t, run(SeedVar+"=9"), "seed=9 ")
	require.NotContains(t, run(SeedVar+"=9"), "seed=7")
	require.Contains(t, run(SeedVar+"=nine"), "must be the number of a seed")
}
