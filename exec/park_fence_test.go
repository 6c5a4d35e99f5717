package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/internal/mem"
)

// Where parks come thick, senders fence and parks need no membarrier; where much is done
// between two parks it is the other way round again.
func TestSendersFenceWhereParksComeThick(t *testing.T) {
	if mem.RegisterMembarrier(); !mem.MembarrierIsDear() {
		t.Skip("a park costs a fence only")
	}
	x := begin(t, exec.Config{Spin: -1})
	one := func() { onLoop(t, x, func(*exec.Local) {}) }
	parked := func() exec.Stats {
		before := x.Stats()
		one()
		eventually(t, "parked", func() bool { s := x.Stats(); return s.Parks > before.Parks })
		return x.Stats()
	}
	for range 20 {
		parked()
	}
	few := x.Stats()
	require.Positive(t, few.FencedParks)
	for range 50 {
		parked()
	}
	thick := x.Stats()
	require.GreaterOrEqual(t, thick.FencedParks, few.FencedParks+50)
	require.Equal(t, few.Membarriers, thick.Membarriers)

	onLoop(t, x, func(l *exec.Local) { // a lot, in turns of its own
		require.True(t, l.Spawn(&manyTurns{2000}))
	})
	eventually(t, "done, and parked", func() bool { s := x.Stats(); return s.Tasks >= thick.Tasks+2001 && s.Parks > thick.Parks })
	require.Greater(t, x.Stats().Membarriers, thick.Membarriers)
}

// manyTurns re-posts itself.
type manyTurns struct{ left int }

func (c *manyTurns) Run(l *exec.Local) {
	if c.left--; c.left > 0 {
		l.Spawn(c)
	}
}
