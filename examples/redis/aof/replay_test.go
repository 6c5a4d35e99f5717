package aof

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// open opens a log until the test ends.
func open(t *testing.T, path string) *File {
	t.Helper()
	f, err := Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// Half a command at the end is cut off, wherever it ends; anything else is an error that says
// where it is.
func TestReplayDamage(t *testing.T) {
	whole := "*2\r\n$3\r\nDEL\r\n$1\r\na\r\n"
	for cut := range len(whole) {
		path := filepath.Join(t.TempDir(), "log")
		require.NoError(t, os.WriteFile(path, []byte(whole+whole[:cut]), 0o600))
		n := 0
		r, err := open(t, path).Replay(func(args [][]byte) error {
			n++
			require.Equal(t, "DEL", string(args[0]))
			return nil
		})
		require.NoError(t, err, cut)
		require.Equal(t, 1, n)
		require.EqualValues(t, cut, r.Cut)
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.EqualValues(t, len(whole), info.Size())
	}
	for _, bad := range []string{"GET a\r\n", "x", "*2\r\n:3\r\nDEL\r\n", "*x\r\n", "*0\r\n", "*1\r\n$-1\r\n"} {
		path := filepath.Join(t.TempDir(), "log")
		require.NoError(t, os.WriteFile(path, []byte(whole+bad), 0o600))
		_, err := open(t, path).Replay(func([][]byte) error { return nil })
		require.ErrorContains(t, err, fmt.Sprintf("bad command at byte %d", len(whole)), bad)
	}
	r, err := open(t, filepath.Join(t.TempDir(), "none")).Replay(nil)
	require.NoError(t, err)
	require.Zero(t, r)
}

// After an error nothing is appended any more, and half of what was tried is not left.
func TestAppendAfterError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	f, err := Open(path)
	require.NoError(t, err)
	require.NoError(t, f.Append([]byte("one"), true))
	require.NoError(t, f.f.Close())
	require.Error(t, f.Append([]byte("two"), false))
	require.Error(t, f.Append([]byte("three"), true))
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "one", string(b))
	require.EqualValues(t, 3, f.Size())
}
