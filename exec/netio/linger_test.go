package netio_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// The kernel would have the thread wait in close: that is refused.
func TestSetLingerPositive(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	errs := make(chan error, 2)
	_, addr := h.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		errs <- c.SetLinger(3)
		errs <- c.SetLinger(-1)
		return nil
	}})
	dial(t, addr)
	require.ErrorContains(t, take(t, errs), "SetLinger of 3 seconds")
	require.NoError(t, take(t, errs))
}
