package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// The costs of one core, measured by stepping: no second thread is involved. What
// crosses cores is measured beside its peers by the module bench.

type reposter struct{ left int }

func (r *reposter) Run(l *exec.Local) {
	if r.left--; r.left > 0 {
		l.Spawn(r)
	}
}

func BenchmarkRepost(b *testing.B) {
	x, err := exec.New(exec.Config{})
	require.NoError(b, err)
	b.ReportAllocs()
	x.TrySend(&reposter{b.N})
	for worked := true; worked; {
		worked, _ = x.Step()
	}
}

func BenchmarkChainedSpawn(b *testing.B) {
	x, err := exec.New(exec.Config{})
	require.NoError(b, err)
	b.ReportAllocs()
	x.TrySend(chain(b.N))
	for worked := true; worked; {
		worked, _ = x.Step()
	}
}

func chain(n int) exec.Func {
	return func(l *exec.Local) {
		if n > 0 {
			l.Spawn(chain(n - 1))
		}
	}
}

func BenchmarkEmptyTurn(b *testing.B) {
	x, err := exec.New(exec.Config{})
	require.NoError(b, err)
	for b.Loop() {
		x.Step()
	}
}

func BenchmarkTimer(b *testing.B) {
	x, err := exec.New(exec.Config{})
	require.NoError(b, err)
	nop := exec.Func(func(*exec.Local) {})
	b.ReportAllocs()
	x.TrySend(exec.Func(func(l *exec.Local) {
		for range b.N {
			tm, _ := l.After(1e9, nop)
			tm.Stop()
		}
	}))
	x.Step()
}
