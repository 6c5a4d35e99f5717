//go:build (amd64 || arm64) && !portable && !race

// In race builds a sync.Pool, of which crypto/tls has one, forgets things at random.

package http1_test

import "testing"

// With TLS, crypto/tls allocates a small reader for each look at the wire: one in the client,
// and two in the server, of which one finds nothing.
func TestServingTLSAllocates(t *testing.T) { testServingAllocates(t, setup{tls: true}, 3) }
