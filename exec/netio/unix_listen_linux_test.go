package netio_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// A listener that fails leaves no socket file behind.
func TestListenUnixFails(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	path := filepath.Join(t.TempDir(), "s")
	h.do(func(*exec.Local) {
		_, err := h.r.Listen("unix", path, netio.ListenConfig{ReusePort: true, Steer: netio.Steering{{Code: 0xffff}}})
		require.Error(t, err)
	})
	_, err := os.Lstat(path)
	require.ErrorIs(t, err, os.ErrNotExist)
}
