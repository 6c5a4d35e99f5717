// Package cargo builds the peers that are written in Rust, from Debian's packages of crates: no network is needed.
package cargo

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// ErrMissing means that what a build needs is not installed here. The error that wraps it names what.
var ErrMissing = errors.New("missing")

// debianCrates is where Debian's packages put the sources of crates.
const debianCrates = "/usr/share/cargo/registry"

// TokioVersion returns the version of Debian's tokio, or "none".
func TokioVersion() string {
	dirs, err := filepath.Glob(filepath.Join(debianCrates, "tokio-[0-9]*"))
	if err != nil || len(dirs) == 0 {
		return "none"
	}
	return strings.TrimPrefix(filepath.Base(slices.Max(dirs)), "tokio-")
}

// Build builds the project in sources, whose program has the given name, and returns the path of that. It is kept in
// the user's cache directory. The error wraps ErrMissing where cargo or tokio is not installed.
func Build(sources fs.FS, name string) (program string, err error) {
	cargo, err := exec.LookPath("cargo")
	if err != nil {
		return "", fmt.Errorf("%w: tokio needs cargo, which is not in PATH", ErrMissing)
	}
	if TokioVersion() == "none" {
		return "", fmt.Errorf("%w: no tokio in %s (Debian's librust-tokio-dev)", ErrMissing, debianCrates)
	}
	dir, err := unpack(sources, name)
	if err != nil {
		return "", err
	}
	target := filepath.Join(dir, "target")
	cmd := exec.Command(cargo, "build", "--release", "--offline", "--quiet", "--target-dir", target,
		"--config", `source.crates-io.replace-with="debian"`, "--config", fmt.Sprintf("source.debian.directory=%q", debianCrates))
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CARGO_HOME="+filepath.Join(dir, "home")) // nobody's own configuration
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s was not built: %w: %s", ErrMissing, name, err, firstLine(out))
	}
	return filepath.Join(target, "release", name), nil
}

// unpack writes the sources to a directory that only this version of them uses, so that cargo has something to do just
// once.
func unpack(sources fs.FS, name string) (dir string, err error) {
	sum := sha256.New()
	files := map[string][]byte{}
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
	dir = filepath.Join(cache, "pushcore-bench", fmt.Sprintf("%s-%x", name, sum.Sum(nil)[:8]))
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
