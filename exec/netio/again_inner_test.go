package netio

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// busyFile goes on for ever, and may panic.
type busyFile struct {
	a      *again
	runs   int
	panics bool
}

func (f *busyFile) quiesce() {}
func (f *busyFile) abandon() {}
func (f *busyFile) ready(uint32) {
	f.runs++
	f.a.add(f)
	if f.panics {
		panic("sorry")
	}
}

// Each file goes on once per turn, whatever becomes of the others.
func TestAgain(t *testing.T) {
	var a again
	require.False(t, a.any())
	files := []*busyFile{{a: &a}, {a: &a, panics: true}, {a: &a}}
	for _, f := range files {
		a.add(f)
	}
	turn := func() (panicked bool) {
		defer func() { panicked = recover() != nil }()
		a.run()
		return
	}
	for i := range 10 {
		require.True(t, a.any())
		require.True(t, turn()) // the first two
		require.True(t, a.any())
		require.False(t, turn()) // the third
		for _, f := range files {
			require.Equal(t, i+1, f.runs)
		}
	}
	require.LessOrEqual(t, cap(a.now)+cap(a.next), 8)
}
