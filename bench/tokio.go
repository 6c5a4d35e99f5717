package main

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// This file builds and runs the peer that is written in Rust, from Debian's package of tokio: no network is needed.

//go:embed peers/tokio/Cargo.toml peers/tokio/src
var tokioSources embed.FS

// debianCrates is where Debian's packages put the sources of crates.
const debianCrates = "/usr/share/cargo/registry"

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
				return sample{}, fmt.Errorf("%w: tokio %s, %s", errSkip, tokioVersion(), said)
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

// tokioVersion returns the version of Debian's tokio, or "none".
func tokioVersion() string {
	dirs, err := filepath.Glob(filepath.Join(debianCrates, "tokio-[0-9]*"))
	if err != nil || len(dirs) == 0 {
		return "none"
	}
	return strings.TrimPrefix(filepath.Base(slices.Max(dirs)), "tokio-")
}

// tokioProgram returns the path of the peer, which it builds the first time.
var tokioProgram = sync.OnceValues(func() (string, error) {
	cargo, err := exec.LookPath("cargo")
	if err != nil {
		return "", fmt.Errorf("%w: tokio needs cargo, which is not in PATH", errSkip)
	}
	if tokioVersion() == "none" {
		return "", fmt.Errorf("%w: no tokio in %s (Debian's librust-tokio-dev)", errSkip, debianCrates)
	}
	dir, err := tokioDir()
	if err != nil {
		return "", err
	}
	target := filepath.Join(dir, "target")
	cmd := exec.Command(cargo, "build", "--release", "--offline", "--quiet", "--target-dir", target,
		"--config", `source.crates-io.replace-with="debian"`, "--config", fmt.Sprintf("source.debian.directory=%q", debianCrates))
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CARGO_HOME="+filepath.Join(dir, "home")) // nobody's own configuration
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: tokio was not built: %w: %s", errSkip, err, firstLine(out))
	}
	return filepath.Join(target, "release", "tokio-peer"), nil
})

// tokioDir writes the sources to a directory that only this version of them uses, so that cargo has something to do
// just once.
func tokioDir() (dir string, err error) {
	sum := sha256.New()
	files := map[string][]byte{}
	sources, err := fs.Sub(tokioSources, "peers/tokio")
	if err != nil {
		return "", err
	}
	err = fs.WalkDir(sources, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[path], err = fs.ReadFile(sources, path)
		fmt.Fprintf(sum, "%s\n%s", path, files[path])
		return err
	})
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir = filepath.Join(cache, "pushcore-bench", fmt.Sprintf("tokio-%x", sum.Sum(nil)[:8]))
	for path, text := range files {
		path = filepath.Join(dir, filepath.FromSlash(path))
		// One that is there already is the same, and cargo would take a new one for a change.
		if there, err := os.ReadFile(path); err == nil && bytes.Equal(there, text) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return "", err
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return "", err
		}
	}
	return dir, nil
}

func firstLine(text []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	return line
}
