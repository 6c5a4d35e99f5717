//go:build !amd64 || race || portable

package exec_test

import "testing"

func TestLocalDispatchHasNoLock(t *testing.T) {
	t.Skip("only the amd64 build publishes with plain stores: elsewhere, in race builds and with the tag portable sync/atomic does")
}
