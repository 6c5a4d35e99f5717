package http1_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/httpd/http1"
)

// curl sends a large body, in chunks and with a length, with and without asking first, and what
// the handler reads is what was sent.
func TestCurlUpload(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("there is no curl: apt's curl has it")
	}
	const size = 10 << 20
	body := make([]byte, size)
	for i := range body {
		body[i] = byte(i * i >> 7)
	}
	file := filepath.Join(t.TempDir(), "body")
	require.NoError(t, os.WriteFile(file, body, 0o600))
	for name, adapt := range adapters {
		t.Run(name, func(t *testing.T) {
			s := begin(t, adapt(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				h := sha256.New()
				n, err := io.Copy(h, r.Body)
				fmt.Fprintf(w, "%d %d %x %v", r.ContentLength, n, h.Sum(nil), err)
			})), setup{http1: http1.Config{MaxBody: size}})
			for _, args := range [][]string{
				{"-T", file},
				{"-T", file, "-H", "Expect: 100-continue"},
				{"-T", file, "-H", "Expect:"},
				{"--data-binary", "@" + file},
				{"-T", "-"},
				{"-T", file, "-H", "Transfer-Encoding: chunked", "-H", "Expect:"},
			} {
				length := size
				if args[1] == "-" || len(args) > 4 {
					length = -1
				}
				cmd := exec.Command(curl, append(args, "-sS", "-m", "30", "--http1.1", s.url("/"))...) //nolint:gosec // it is a test's
				cmd.Stdin = bytes.NewReader(body)
				out, err := cmd.CombinedOutput()
				require.NoError(t, err, "%s: %s", args, out)
				require.Equal(t, fmt.Sprintf("%d %d %x <nil>", length, size, sha256.Sum256(body)), string(out), args)
			}
		})
	}
}
