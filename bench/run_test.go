package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/pushcore/pushcore/bench/internal/cli"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/report"
	"github.com/stretchr/testify/require"
)

// runDir says, in the environment of this test's own program, that it is to run a row, and where the report goes.
const runDir = "BENCH_TEST_DIR"

// TestRun: a run with an implementation that fails and, afterwards, one that hangs ends with status 1, names both, and
// leaves the report of what was found.
func TestRun(t *testing.T) {
	if dir := os.Getenv(runDir); dir != "" {
		err := measureAll(options{rounds: 2, limit: time.Second, out: dir, charts: dir, cpus: twoCPUs(t), rows: rows()})
		require.Fail(t, "it came back", "%v", err)
	}
	twoCPUs(t)
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run", "^TestRun$")
	cmd.Env = append(os.Environ(), runDir+"="+dir)
	out, err := cmd.CombinedOutput()
	var status *exec.ExitError
	require.ErrorAs(t, err, &status, "%s", out)
	require.Equal(t, 1, status.ExitCode(), "%s", out)
	for _, want := range []string{
		"FAILED: data error\n", "bench: A/hangs: hung: it had not come back after 1s", "round 1 of 2",
	} {
		require.Contains(t, string(out), want)
	}
	r, err := report.Read(filepath.Join(dir, "report.json"))
	require.NoError(t, err)
	require.Len(t, r.Rows, 1)
	require.Len(t, r.Rows[0].Impls[0].Metrics[0].Values, 1)
	require.Contains(t, r.Rows[0].Impls[2].Failed, "hung")
	raw, err := os.ReadFile(filepath.Join(dir, "report.txt"))
	require.NoError(t, err)
	require.Contains(t, string(raw), "# A/wrong FAILED: data error\n")
	require.Regexp(t, `(?s)^goos: .*\nsteal-seconds: .*\nothers-cpu-seconds: .*\npkg: .*\nBenchmarkA/`, string(raw))
	require.FileExists(t, filepath.Join(dir, "report.html"))
	require.FileExists(t, filepath.Join(dir, "machine-distance.svg"))
}

func rows() []measure.Row {
	run := func(f func() error) func(measure.Spot, int) (measure.Sample, error) {
		return func(measure.Spot, int) (measure.Sample, error) { return measure.Of(1, measure.NsPerOp), f() }
	}
	times := 0
	return []measure.Row{{Name: "A", Amount: 1, Impls: []measure.Impl{
		{Name: "fine", Own: true, Run: run(func() error { return nil })},
		{Name: "wrong", Run: run(func() error { return errors.New("data error") })},
		{Name: "hangs", Run: run(func() error {
			if times++; times > 1 {
				select {}
			}
			return nil
		})},
	}}}
}

func twoCPUs(t *testing.T) [2]int {
	cpus, err := cli.TwoCPUs("")
	if err != nil {
		t.Skip(err)
	}
	return cpus
}
