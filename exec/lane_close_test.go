package exec_test

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// A lane that is being closed may still accept: the loop must not forget it before
// the line is drawn. (With Closed true from the beginning of Close, an accepted item
// was left in a forgotten lane in one of a thousand rounds.)
func TestLaneCloseLosesNothing(t *testing.T) {
	rounds := 1000
	if testing.Short() {
		rounds = 300
	}
	for i := range rounds {
		var handled atomic.Int64
		x, err := exec.New(exec.Config{Spin: exec.SpinForever})
		require.NoError(t, err)
		in, err := exec.NewInbox(x, exec.InboxConfig[int]{LaneCap: 64, Handle: func(_ *exec.Local, batch []int) int {
			handled.Add(int64(len(batch)))
			return len(batch)
		}})
		require.NoError(t, err)
		lane, err := in.Lane()
		require.NoError(t, err)
		require.NoError(t, x.Start())
		accepted := int64(0)
		done := make(chan struct{})
		go func() {
			defer close(done)
			for !lane.Closed() {
				if lane.Push(1) {
					accepted++
				} else {
					runtime.Gosched()
				}
			}
		}()
		time.Sleep(time.Duration(20+i%50) * time.Microsecond)
		in.Close()
		<-done
		eventually(t, "all that was accepted is handled", func() bool { return handled.Load() == accepted })
		x.Stop()
		require.NoError(t, x.Wait())
	}
}
