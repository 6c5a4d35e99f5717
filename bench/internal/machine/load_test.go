package machine

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLoad: a share is worth a warning when it is one and can be told from the clocks' own errors.
func TestLoad(t *testing.T) {
	const quiet = "In these 2.0 s the hypervisor withheld 0.0 s of processor time; used by other programs: "
	require.Equal(t, quiet+"none that can be told.", Load{Seconds: 2}.String())
	require.Equal(t, quiet+"0.1 s.", Load{Seconds: 2, OthersSeconds: 0.09}.String(), "4 %, and next to nothing")
	require.Equal(t, quiet+"0.2 s. Expect noise.", Load{Seconds: 2, OthersSeconds: 0.2}.String())
	require.False(t, Load{Seconds: 100, StealSeconds: 1.9}.Noisy())
	require.True(t, Load{Seconds: 100, StealSeconds: 1.2, OthersSeconds: 0.9}.Noisy())
}
