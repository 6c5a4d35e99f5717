package exectest_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/exectest"
)

func newSim(t testing.TB, cfg exectest.Config) *exectest.Sim {
	t.Helper()
	return exectest.NewFor(t, cfg)
}

func newExec(t testing.TB, s *exectest.Sim, cfg exec.Config) *exec.Exec {
	t.Helper()
	x, err := s.Exec(cfg)
	require.NoError(t, err)
	return x
}

// onLoop sends a function to x, whatever the simulation makes of full rings.
func onLoop(x *exec.Exec, f func(l *exec.Local)) {
	for !x.TrySend(exec.Func(f)) {
	}
}

var nop = exec.Func(func(*exec.Local) {})

// sized picks how many seeds a test tries.
func sized(short, normal, full int) int {
	switch {
	case os.Getenv("PUSHCORE_FULL") == "1":
		return full
	case testing.Short() && exec.Checked: // checks of every call, in race builds
		return (short + 3) / 4
	case testing.Short():
		return short
	}
	return normal
}

// rough is a simulation in which much goes wrong: how much, the seed decides.
func rough(seed uint64) exectest.Config {
	return exectest.Config{
		Seed:      seed,
		MaxSteps:  100_000,
		Shuffle:   seed%2 == 0,
		FullRate:  []float64{0, 0.1, 0.5}[seed/2%3],
		WakeDelay: []int{0, 2, 30}[seed/6%3],
		TurnTime:  []time.Duration{0, time.Microsecond, time.Millisecond}[seed/18%3],
	}
}
