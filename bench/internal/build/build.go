// Package build is what the builders of the peers that are not written in Go share. What they build is kept in the
// user's cache directory.
package build

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrMissing means that what a build needs is not installed here. The error that wraps it names what.
var ErrMissing = errors.New("missing")

// Unpack writes the sources to a directory that only this version of them uses, with what else matters to the build of
// the named program (compiler, flags), so that there is something to do just once.
func Unpack(sources fs.FS, name string, matters ...string) (dir string, err error) {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q", matters)
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
		// One that is there already is the same, and a builder would take a new one for a change.
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

// FirstLine returns the first line of what a compiler said.
func FirstLine(text []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	return line
}
