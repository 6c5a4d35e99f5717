package exectest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/exectest"
)

// What a step costs: of an Exec that is never idle, and of four that hand a token
// round and park each time.
func BenchmarkStep(b *testing.B) {
	b.Run("busy", func(b *testing.B) {
		s := newSim(b, exectest.Config{Shuffle: true})
		var again exec.Func
		again = func(l *exec.Local) { l.Spawn(again) }
		for range 4 {
			x := newExec(b, s, exec.Config{LocalBudget: 1})
			x.TrySend(again)
		}
		b.ReportAllocs()
		for b.Loop() {
			s.Step()
		}
		require.NoError(b, s.Err())
	})
	b.Run("parking", func(b *testing.B) {
		s := newSim(b, exectest.Config{WakeDelay: 3})
		var xs []*exec.Exec
		at := 0
		var pass exec.Func
		pass = func(*exec.Local) {
			at = (at + 1) % len(xs)
			xs[at].TrySend(pass)
		}
		for range 4 {
			xs = append(xs, newExec(b, s, exec.Config{}))
		}
		xs[0].TrySend(pass)
		b.ReportAllocs()
		for b.Loop() {
			s.Step()
		}
		require.NoError(b, s.Err())
	})
}
