package exec_test

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// A call with a small result is one line for either side.
func TestLayoutOfCalls(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("lines are counted in 64-bit words")
	}
	size, callers := exec.CallLayout()
	require.EqualValues(t, 128, size)
	require.EqualValues(t, 64, callers)
}
