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

// A request that is answered by Send costs no memory, from the read to the write.
func TestServingAllocates(t *testing.T) { testServingAllocates(t, setup{}, 0) }

// testServingAllocates checks what is allocated for requests that come together, however many
// they are.
func testServingAllocates(t *testing.T, u setup, inherent float64) {
	hello := []byte("Hello, World!")
	u.exec.StallAfter = -1 // a report of a stall allocates
	s := begin(t, func(_ *exec.Co, w *http1.Response, r *http1.Request) error {
		if string(r.RawPath()) != "/plaintext" {
			return io.ErrUnexpectedEOF
		}
		return w.Send(http.StatusOK, "text/plain", hello)
	}, u)
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
		require.Less(t, perRound, inherent+0.1, "%d together", together) // other goroutines allocate, too, now and then
	}
}
