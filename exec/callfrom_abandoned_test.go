package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// The body of a call whose caller has given up does not begin, also if its coroutine was
// started already.
func TestBodyOfAnAbandonedCallDoesNotBegin(t *testing.T) {
	near, far := newHost(t, exec.Config{}, false), newHost(t, exec.Config{LocalBudget: 1}, false)
	far.do(func(l *exec.Local) {
		for range 3 {
			spawn(l, func(co *exec.Co) error {
				for co.Yield() == nil {
				}
				return nil
			})
		}
	})
	ran := false
	var j *exec.Join[none]
	near.do(func(l *exec.Local) {
		j = spawn(l, func(co *exec.Co) error {
			return second(exec.CallGoFrom(co, far.x, func(*exec.Co) (none, error) { ran = true; return none{}, nil }))
		})
	})
	far.x.Step() // starts the coroutine, behind the others
	near.do(func(*exec.Local) { j.Abort() })
	require.ErrorIs(t, near.ended(j), exec.ErrCancelled)
	require.False(t, ran)
	for range 10 {
		far.x.Step()
	}
	require.False(t, ran, "it begins after its caller has got ErrCancelled")
}
