//go:build (amd64 || arm64) && !portable

// Elsewhere to find out which goroutine calls costs memory.

package http1_test

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/httpd/http1"
	"github.com/pushcore/pushcore/exec"
)

// A request that is answered by Send costs no memory, from the read to the write. With TLS
// crypto/tls allocates a small reader for each look at the wire: one in the client, and two in
// the server, of which one finds nothing. How many requests come together makes no difference.
func TestServingAllocates(t *testing.T) { eachWay(t, testServingAllocates) }

func testServingAllocates(t *testing.T, secure bool) {
	hello := []byte("Hello, World!")
	s := begin(t, func(_ *exec.Co, w *http1.Response, r *http1.Request) error {
		if string(r.RawPath()) != "/plaintext" {
			return io.ErrUnexpectedEOF
		}
		return w.Send(http.StatusOK, "text/plain", hello)
	}, setup{tls: secure})
	c := s.dial()
	request := lines("GET /plaintext HTTP/1.1", "Host: 127.0.0.1:8080")
	c.send(request)
	var size int
	b := make([]byte, 4096)
	for size = 0; !strings.HasSuffix(string(b[:size]), string(hello)); {
		n, err := c.Read(b[size:])
		require.NoError(t, err)
		size += n
	}
	for _, together := range []int{1, 16} {
		out := []byte(strings.Repeat(request, together))
		round := func() {
			if _, err := c.Write(out); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(c, b[:together*size]); err != nil {
				t.Fatal(err)
			}
		}
		for range 100 {
			round()
		}
		const rounds = 2000
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range rounds {
			round()
		}
		runtime.ReadMemStats(&after)
		perRound := float64(after.Mallocs-before.Mallocs) / rounds
		inherent := 0.0
		if secure {
			inherent = 3
		}
		require.Less(t, perRound, inherent+0.1, "%d together", together) // other goroutines allocate, too, now and then
	}
}
