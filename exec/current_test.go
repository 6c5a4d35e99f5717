package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// Current is the coroutine that asks: none in a task, none on another goroutine, none on
// another Exec, and no stale one.
func TestCurrent(t *testing.T) {
	for name, run := range runs {
		t.Run(name, func(t *testing.T) {
			var l *exec.Local
			outside := make(chan *exec.Co)
			checked := 0
			x := run(t, exec.Config{}, func(local *exec.Local) {
				l = local
				require.Nil(t, l.Current(), "a task")
				for range 3 {
					require.NoError(t, l.Go(func(co *exec.Co) {
						require.Same(t, co, l.Current())
						go func() { outside <- l.Current() }()
						require.Nil(t, <-outside, "another goroutine, while a coroutine runs")
						_ = co.Yield()
						require.Same(t, co, l.Current(), "after others have run")
						l.RunNow(exec.Func(func(l *exec.Local) { require.Same(t, co, l.Current(), "a task in it") }))
						checked++
						_ = co.Park()
						require.Same(t, co, l.Current(), "when it is cancelled")
						checked++
					}))
				}
				l.AtEnd(func(l *exec.Local) { require.Nil(t, l.Current(), "at the end"); checked++ })
			})
			require.NotNil(t, x)
			require.Nil(t, l.Current(), "after the end")
			require.Equal(t, 7, checked)
			inOneStep(t, stepped(t, exec.Config{}), func(other *exec.Local) {
				require.NoError(t, other.Go(func(*exec.Co) { require.Nil(t, l.Current(), "another Exec") }))
			})
		})
	}
}
