package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What is no file is not found, nothing is listed, and nobody waits for what cannot be read.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"index.html", "a.txt", "sub/index.html", "plain/a.txt", "nested/index.html/index.html"} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte("<"+name+">"), 0o600))
	}
	want := map[string]int{
		"/": 200, "/a.txt": 200, "/sub/": 200, "/sub/../a.txt": 200, "//a.txt": 200, "/..%2fa.txt": 200,
		"/sub": 301, "/index.html": 301, "/%2e%2e": 301, "/a.txt/": 301,
		"/plain": 404, "/plain/": 404, "/nested/": 404, "/none": 404, "/a.txt/x": 404,
		"/%00": 404, "/a.txt%00": 404, "/..%5ca.txt": 404, "/a.txt%0a": 404,
		"/" + strings.Repeat("x", 300): 404, "/" + strings.Repeat("x/", 3000): 404,
	}
	if runtime.GOOS != "windows" {
		require.NoError(t, os.Symlink("loop", filepath.Join(dir, "loop")))
		want["/loop"] = 404
		require.NoError(t, os.Symlink("/dev/zero", filepath.Join(dir, "zero")))
		want["/zero"] = 404
		addPipes(t, dir, want)
		if os.Getuid() > 0 { // who is root may read everything
			require.NoError(t, os.WriteFile(filepath.Join(dir, "locked"), nil, 0o200))
			want["/locked"] = 403
			require.NoError(t, os.Mkdir(filepath.Join(dir, "half"), 0o700))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "half/index.html"), nil, 0o200))
			want["/half/"] = 403
		}
	}
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer func() { _ = root.Close() }()
	h := fileServer(root)
	for target, status := range want {
		res := httptest.NewRecorder()
		over := make(chan struct{})
		go func() {
			defer close(over)
			h.ServeHTTP(res, httptest.NewRequest(http.MethodGet, target, nil))
		}()
		select {
		case <-over:
		case <-time.After(20 * time.Second):
			t.Fatalf("%s waits", target)
		}
		require.Equal(t, status, res.Code, target)
		require.NotContains(t, res.Body.String(), "<pre>", "a list of files") // as http.FileServer makes it
	}
}
