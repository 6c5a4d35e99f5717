package idle

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/pushcore/pushcore/bench/internal/child"
	"github.com/pushcore/pushcore/bench/internal/measure"
)

// quota is the share of one cpu that the program's cgroup has.
const quota = 0.5

// program is what runs in the cgroup.
const program = "github.com/pushcore/pushcore/bench/family/idle/throttled"

// built is the directory of the program, once there is one.
var built string

// build makes the program once.
var build = sync.OnceValues(func() (path string, err error) {
	if _, err := exec.LookPath("go"); err != nil {
		return "", fmt.Errorf("%w: a program must be built, and there is no go in PATH", measure.ErrSkip)
	}
	if built, err = os.MkdirTemp("", "pushcore-throttled-"); err != nil {
		return "", err
	}
	path = filepath.Join(built, "throttled")
	cmd := exec.Command("go", "build", "-o", path, program)
	defer child.Keep(cmd)()
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build %s: %w: %s", program, err, strings.TrimSpace(string(out)))
	}
	return path, nil
})

// removeProgram removes what was built.
func removeProgram() error {
	if built == "" {
		return nil
	}
	return os.RemoveAll(built)
}

// enter moves the shell into the cgroup $0, and lets the program begin there: the runtime reads the limit at its start.
const enter = `echo $$ >"$0/cgroup.procs" || exit 77; exec "$@"`

// noEntry is the status that says that the cgroup could not be entered.
const noEntry = 77

// throttled returns a measurement of n seconds of each of what the program measures, in a cgroup of its own.
func throttled(wait string) run {
	return func(_ measure.Spot, n int) (sm measure.Sample, err error) {
		dir, remove, err := newCgroup(quota)
		if err != nil {
			return sm, err
		}
		defer func() { err = errors.Join(err, remove()) }()
		path, err := build()
		if err != nil {
			return sm, err
		}
		cmd := exec.Command("sh", "-c", enter, dir, path, "-wait", wait, "-seconds", strconv.Itoa(n))
		defer child.Keep(cmd)()
		out, err := cmd.Output()
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			said := strings.TrimSpace(string(exit.Stderr))
			if exit.ExitCode() == noEntry {
				return sm, fmt.Errorf("%w: the cgroup cannot be entered: %s", measure.ErrSkip, said)
			}
			return sm, fmt.Errorf("throttled -wait %s: %w: %s", wait, err, said)
		} else if err != nil {
			return sm, err
		}
		return parseThrottled(out)
	}
}

// parseThrottled reads what the program prints.
func parseThrottled(out []byte) (measure.Sample, error) {
	var f struct {
		P50        float64 `json:"p50_ns"`
		P99        float64 `json:"p99_ns"`
		Items      float64 `json:"items"`
		CPUSeconds float64 `json:"cpu_seconds"`
	}
	if err := json.Unmarshal(out, &f); err != nil {
		return measure.Sample{}, fmt.Errorf("throttled printed %q: %w", out, err)
	}
	if f.Items <= 0 || f.CPUSeconds <= 0 {
		return measure.Sample{}, fmt.Errorf("throttled printed %q: it has measured nothing", out)
	}
	return measure.Sample{Items: f.Items, Metrics: []measure.Metric{
		{Value: f.P99, Unit: "p99-ns"},
		{Value: f.P50, Unit: "p50-ns"},
		{Value: f.Items / f.CPUSeconds, Unit: "items/cpu-s"},
	}}, nil
}
