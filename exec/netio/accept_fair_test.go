package netio_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// A coroutine that accepts, and never has to wait, lets others have their turn.
func TestAcceptGivesWay(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	const n = 200
	ln, addr := h.listen(netio.ListenConfig{})
	for range n {
		dial(t, addr)
	}
	accepted, other := 0, 0
	h.co(func(co *exec.Co) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		require.NoError(t, co.Local().Go(func(co *exec.Co) {
			for ctx.Err() == nil && co.Yield() == nil {
				if accepted > 0 && accepted < n {
					other++
				}
			}
		}))
		for accepted < n {
			_, err := ln.Accept()
			require.NoError(t, err)
			accepted++
		}
	})
	require.Positive(t, other)
}
