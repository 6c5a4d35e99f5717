package machine

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFacts: each has a name of its own and a value on one line, which benchstat could not read otherwise.
func TestFacts(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range ReadFacts([2]int{0, 0}).List() {
		require.False(t, seen[f.Name], f.Name)
		seen[f.Name] = true
		require.NotEmpty(t, strings.TrimSpace(f.Value), f.Name)
		require.NotContains(t, f.Value, "\n", f.Name)
	}
	require.True(t, strings.HasPrefix(goVersion(), runtime.Version()))
	if runtime.GOARCH == "amd64" {
		require.Contains(t, goVersion(), "GOAMD64=v")
	}
}

func TestField(t *testing.T) {
	file := filepath.Join(t.TempDir(), "info")
	require.NoError(t, os.WriteFile(file, []byte("a\t: 1\nmodel name\t: Fast One\nmodel name\t: Other\n"), 0o600))
	require.Equal(t, "Fast One", Field(file, "model name"))
	require.Equal(t, unknown, Field(file, "none"))
	require.Equal(t, unknown, Field(file+".none", "model name"))
}
