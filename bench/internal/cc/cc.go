// Package cc builds the peers that are written in C, with gcc and the libraries that pkg-config finds.
package cc

import (
	"errors"
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

// Project is a program in C.
type Project struct {
	Sources fs.FS
	Name    string   // of the program
	Files   []string // of Sources, to be compiled
	Library string   // as pkg-config knows it
	Debian  string   // the package that has the library
}

// flags make the most of the processor that the program is built on; they come after those of the library, which may
// ask for an older one. Warnings are for those who change the sources.
var flags = []string{"-std=gnu11", "-O3", "-march=native", "-pthread", "-Wall", "-Wextra"}

// Version returns the library's version, or "none".
func (p Project) Version() string {
	if out, err := exec.Command("pkg-config", "--modversion", p.Library).Output(); err == nil {
		return strings.TrimSpace(string(out))
	}
	return "none"
}

// Build builds the project, unless that was done before, and returns the path of its program. The error wraps
// build.ErrMissing where something is not installed.
func (p Project) Build() (program string, err error) {
	for _, tool := range []string{"gcc", "pkg-config"} {
		if _, err := exec.LookPath(tool); err != nil {
			return "", fmt.Errorf("%w: %s needs %s, which is not in PATH (Debian's %[3]s)", build.ErrMissing, p.Name, tool)
		}
	}
	said, err := exec.Command("pkg-config", "--cflags", "--libs", p.Library).Output()
	if err != nil {
		return "", fmt.Errorf("%w: pkg-config finds no %s (Debian's %s)", build.ErrMissing, p.Library, p.Debian)
	}
	compiler, err := exec.Command("gcc", "--version").Output()
	if err != nil {
		return "", fmt.Errorf("gcc --version: %w", err)
	}
	library := strings.Fields(string(said))
	matters := slices.Concat(flags, library, []string{p.Version(), build.FirstLine(compiler), machine.CPU()})
	dir, err := build.Unpack(p.Sources, p.Name, matters...)
	if err != nil {
		return "", err
	}
	program = filepath.Join(dir, p.Name)
	if _, err := os.Stat(program); err == nil {
		return program, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	// Under a name of its own until it is whole: another bench may be building it, too.
	fresh, err := os.MkdirTemp(dir, "build-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(fresh)
	out := filepath.Join(fresh, p.Name)
	cmd := exec.Command("gcc", slices.Concat(p.Files, library, flags, []string{"-o", out})...)
	cmd.Dir = dir
	defer child.Keep(cmd)()
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s was not built: %w: %s", build.ErrMissing, p.Name, err, build.FirstLine(said))
	}
	return program, os.Rename(out, program)
}
