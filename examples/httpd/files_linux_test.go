package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// addPipes adds pipes that nobody writes to: to open one takes for ever.
func addPipes(t *testing.T, dir string, want map[string]int) {
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	want["/pipe"] = 404
	require.NoError(t, os.Mkdir(filepath.Join(dir, "piped"), 0o700))
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "piped/index.html"), 0o600))
	want["/piped/"] = 404
}
