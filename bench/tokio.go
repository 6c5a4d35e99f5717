package main

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/pushcore/pushcore/bench/internal/cargo"
)

// This file builds and runs the peer that is written in Rust, from Debian's package of tokio: no network is needed.

//go:embed peers/tokio/Cargo.toml peers/tokio/src
var tokioSources embed.FS

// tokioNoEnd is the peer's exit status when the benchmark would not come to an end.
const tokioNoEnd = 3

// tokioImpls returns the named benchmark of tokio with one worker, pinned and left to the scheduler, and, as another
// implementation, on the runtime that has no worker but the calling thread.
func tokioImpls(benchmark string) []impl {
	return append(each("tokio", tokioRun(benchmark, 1)), ours("tokio-current", tokioRun(benchmark, 0)))
}

// tokioRun returns a measurement of the named benchmark. The program warms up and measures by itself.
func tokioRun(benchmark string, workers int) func(s spot, n int) (sample, error) {
	return func(s spot, n int) (sample, error) {
		program, err := tokioProgram()
		if err != nil {
			return sample{}, err
		}
		args := []string{benchmark, strconv.Itoa(n), strconv.Itoa(workers)}
		if s.pinned && runtime.GOOS == "linux" {
			args = append(args, strconv.Itoa(s.cpus[0]), strconv.Itoa(s.cpus[1]))
		}
		out, err := exec.Command(program, args...).Output()
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			said := strings.TrimSpace(string(exit.Stderr))
			if exit.ExitCode() == tokioNoEnd {
				return sample{}, fmt.Errorf("%w: tokio %s, %s", errSkip, cargo.TokioVersion(), said)
			}
			return sample{}, fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, said)
		} else if err != nil {
			return sample{}, err
		}
		ns, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
		if err != nil {
			return sample{}, fmt.Errorf("%s: %w", strings.Join(args, " "), err)
		}
		return sample{value: ns}, nil
	}
}

// tokioProgram returns the path of the peer, which it builds the first time.
var tokioProgram = sync.OnceValues(func() (string, error) {
	sources, err := fs.Sub(tokioSources, "peers/tokio")
	if err != nil {
		return "", err
	}
	program, err := cargo.Build(sources, "tokio-peer")
	if errors.Is(err, cargo.ErrMissing) {
		err = fmt.Errorf("%w: %w", errSkip, err)
	}
	return program, err
})
