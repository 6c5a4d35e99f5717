// Package cargo builds the peers that are written in Rust, from Debian's packages of crates: no network is needed.
package cargo

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pushcore/pushcore/bench/internal/build"
	"github.com/pushcore/pushcore/bench/internal/child"
	"github.com/pushcore/pushcore/bench/internal/machine"
)

// ErrMissing means that what a build needs is not installed here. The error that wraps it names what.
var ErrMissing = build.ErrMissing

// debianCrates is where Debian's packages put the sources of crates.
const debianCrates = "/usr/share/cargo/registry"

// Version returns the version of Debian's package of the crate, or "none".
func Version(crate string) string {
	dirs, err := filepath.Glob(filepath.Join(debianCrates, crate+"-[0-9]*"))
	if err != nil || len(dirs) == 0 {
		return "none"
	}
	return strings.TrimPrefix(filepath.Base(slices.Max(dirs)), crate+"-")
}

// TokioVersion returns the version of Debian's tokio, or "none".
func TokioVersion() string { return Version("tokio") }

// Project is a program in Rust.
type Project struct {
	Sources fs.FS
	Dir     string   // where in Sources its Cargo.toml is; "" is their root
	Name    string   // of the program
	Crate   string   // what it needs of Debian's: librust-CRATE-dev
	Flags   []string // for rustc
}

// Build builds the project in sources, which needs tokio and whose program has the given name, and returns the path of
// that. The error wraps ErrMissing where cargo or tokio is not installed.
func Build(sources fs.FS, name string) (program string, err error) {
	return Project{Sources: sources, Name: name, Crate: "tokio"}.Build()
}

// Build builds the project and returns the path of its program, which is kept in the user's cache directory. The error
// wraps ErrMissing where cargo or the crate is not installed.
func (p Project) Build() (program string, err error) {
	cargo, err := exec.LookPath("cargo")
	if err != nil {
		return "", fmt.Errorf("%w: %s needs cargo, which is not in PATH (Debian's cargo)", ErrMissing, p.Crate)
	}
	if Version(p.Crate) == "none" {
		return "", fmt.Errorf("%w: no %s in %s (Debian's librust-%[2]s-dev)", ErrMissing, p.Crate, debianCrates)
	}
	dir, err := build.Unpack(p.Sources, p.Name, append([]string{machine.CPU()}, p.Flags...)...)
	if err != nil {
		return "", err
	}
	target := filepath.Join(dir, "target")
	cmd := exec.Command(cargo, "build", "--release", "--offline", "--quiet", "--target-dir", target,
		"--config", `source.crates-io.replace-with="debian"`,
		"--config", fmt.Sprintf("source.debian.directory=%q", debianCrates))
	cmd.Dir = filepath.Join(dir, filepath.FromSlash(p.Dir))
	cmd.Env = append(os.Environ(), "CARGO_HOME="+filepath.Join(dir, "home")) // nobody's own configuration
	if len(p.Flags) > 0 {
		cmd.Env = append(cmd.Env, "RUSTFLAGS="+strings.Join(p.Flags, " "))
	}
	defer child.Keep(cmd)()
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s was not built: %w: %s", ErrMissing, p.Name, err, build.FirstLine(out))
	}
	return filepath.Join(target, "release", p.Name), nil
}
