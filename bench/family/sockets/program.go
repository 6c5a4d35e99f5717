package sockets

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/pushcore/pushcore/bench/internal/cargo"
	"github.com/pushcore/pushcore/bench/internal/child"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/peers/tokiohttp"
)

// program is something to run, which is built or found when it is first needed. The error of find wraps
// measure.ErrSkip where it cannot be had here.
type program struct {
	name string
	find func(dir string) (path string, err error)
}

// module is where the programs of this project are.
const module = "github.com/pushcore/pushcore"

// peer is one of bench/peers.
func peer(name string) program { return goProgram(name, module+"/bench/peers/"+name) }

// example is one of the project's programs.
func example(name string) program { return goProgram(name, module+"/examples/"+name) }

// goProgram is built with go build.
func goProgram(name, pkg string) program {
	return program{"go:" + name, func(dir string) (string, error) {
		path := filepath.Join(dir, name)
		if exec.Command("go", "list", pkg).Run() != nil {
			return "", fmt.Errorf("%w: no %s in this module or workspace for %s/%s",
				measure.ErrSkip, pkg, runtime.GOOS, runtime.GOARCH)
		}
		cmd := exec.Command("go", "build", "-o", path, pkg)
		defer child.Keep(cmd)()
		out, err := cmd.CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("go build %s: %w: %s", pkg, err, strings.TrimSpace(string(out)))
		}
		return path, nil
	}}
}

// installed is a program of the system's, in a package that may have to be installed.
func installed(name, pkg string) program {
	return program{"system:" + name, func(string) (string, error) {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
		for _, dir := range []string{"/usr/sbin", "/usr/local/sbin"} { // which not every PATH has
			if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
				return path, nil
			}
		}
		return "", fmt.Errorf("%w: no %s: apt-get install %s", measure.ErrSkip, name, pkg)
	}}
}

// tokioHTTP is built with cargo.
var tokioHTTP = program{"cargo:tokio-http", func(string) (string, error) {
	path, err := cargo.Build(tokiohttp.Sources, "tokio-http")
	if errors.Is(err, cargo.ErrMissing) {
		err = fmt.Errorf("%w: %w", measure.ErrSkip, err)
	}
	return path, err
}}

// programs finds each program once. The zero value is ready; close removes what was built.
type programs struct {
	dir   string
	found map[string]found
}

type found struct {
	path string
	err  error
}

func (p *programs) path(want program) (string, error) {
	if f, ok := p.found[want.name]; ok {
		return f.path, f.err
	}
	if p.dir == "" {
		dir, err := os.MkdirTemp("", "pushcore-net-")
		if err != nil {
			return "", err
		}
		p.dir, p.found = dir, map[string]found{}
	}
	path, err := want.find(p.dir)
	p.found[want.name] = found{path, err}
	return path, err
}

func (p *programs) close() error {
	if p.dir == "" {
		return nil
	}
	return os.RemoveAll(p.dir)
}
