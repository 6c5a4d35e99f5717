// Package tokio builds and runs the benchmarks of tokio's scheduler, a program in Rust beside this file, from Debian's
// package of tokio: no network is needed.
package tokio

import (
	"embed"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/pushcore/pushcore/bench/internal/cargo"
	"github.com/pushcore/pushcore/bench/internal/child"
	"github.com/pushcore/pushcore/bench/internal/measure"
)

//go:embed Cargo.toml src
var sources embed.FS

// noEnd is the program's exit status when the benchmark would not come to an end.
const noEnd = 3

// Impls returns the named benchmark with one worker, pinned and left to the scheduler, and, as another implementation,
// on the runtime that has no worker but the calling thread.
func Impls(benchmark string) []measure.Impl {
	all := append(measure.Each("tokio", Run(benchmark, 1)), measure.Peer("tokio-current", Run(benchmark, 0)))
	for i := range all {
		all[i].Program, all[i].Note = true, "tokio "+cargo.TokioVersion()
	}
	return all
}

// Run returns a measurement of the named benchmark. The program warms up and measures by itself.
func Run(benchmark string, workers int) func(s measure.Spot, n int) (measure.Sample, error) {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		path, err := program()
		if err != nil {
			return measure.Sample{}, err
		}
		args := []string{benchmark, strconv.Itoa(n), strconv.Itoa(workers)}
		if s.Pinned && runtime.GOOS == "linux" {
			args = append(args, strconv.Itoa(s.CPUs[0]), strconv.Itoa(s.CPUs[1]))
		}
		cmd := exec.Command(path, args...)
		defer child.Keep(cmd)()
		out, err := cmd.Output()
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			said := strings.TrimSpace(string(exit.Stderr))
			if exit.ExitCode() == noEnd {
				return measure.Sample{}, fmt.Errorf("%w: tokio %s, %s", measure.ErrSkip, cargo.TokioVersion(), said)
			}
			return measure.Sample{}, fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, said)
		} else if err != nil {
			return measure.Sample{}, err
		}
		ns, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
		if err != nil {
			return measure.Sample{}, fmt.Errorf("%s: %w", strings.Join(args, " "), err)
		}
		return measure.Of(ns, measure.NsPerOp), nil
	}
}

// program returns the path of the program, which it builds the first time.
var program = sync.OnceValues(func() (string, error) {
	path, err := cargo.Build(sources, "tokio-peer")
	if errors.Is(err, cargo.ErrMissing) {
		err = fmt.Errorf("%w: %w", measure.ErrSkip, err)
	}
	return path, err
})
