package aof

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A log has one server: a second one would cut off what the first is writing.
func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	half := "*2\r\n$3\r\nDEL\r\n"
	require.NoError(t, os.WriteFile(path, []byte(half), 0o600))
	first, err := Open(path)
	require.NoError(t, err)
	_, err = Open(path)
	require.ErrorContains(t, err, "append-only file "+path+": another server has it open")
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, half, string(b))
	require.NoError(t, first.Close())
	second, err := Open(path)
	require.NoError(t, err)
	require.NoError(t, second.Close())
}

// The size is what Replay has left and what was appended since.
func TestSize(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	require.NoError(t, os.WriteFile(path, []byte("*1\r\n$1\r\na\r\n*1\r\n$1"), 0o600))
	f := open(t, path)
	_, err := f.Replay(func([][]byte) error { return nil })
	require.NoError(t, err)
	require.EqualValues(t, 11, f.Size())
	require.NoError(t, f.Append([]byte("*1\r\n$1\r\nb\r\n"), false))
	require.EqualValues(t, 22, f.Size())
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "*1\r\n$1\r\na\r\n*1\r\n$1\r\nb\r\n", string(b))
}
