package exec_test

import (
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// Stacks that are in the middle of a Goexit sleep in each other's places when the Exec
// ends. All of them end, whatever the order.
func TestStacksAfterGoexitsEnd(t *testing.T) {
	for _, started := range []bool{false, true} {
		for seed := range uint64(sized(30, 100, 1000)) {
			before := runtime.NumGoroutine()
			rng := rand.New(rand.NewPCG(seed, 1))
			h := newHost(t, exec.Config{}, started)
			var js []*exec.Join[none]
			for range 3 {
				h.do(func(l *exec.Local) {
					for range 1 + rng.IntN(12) {
						js = append(js, spawn(l, func(co *exec.Co) error {
							for range rng.IntN(4) {
								_ = co.Yield()
							}
							if rng.IntN(3) > 0 {
								runtime.Goexit()
							}
							for range rng.IntN(4) {
								_ = co.Yield()
							}
							return nil
						}))
					}
				})
				for _, j := range js {
					_ = h.ended(j)
				}
			}
			if rng.IntN(2) == 0 { // some live ones, too
				h.do(func(l *exec.Local) {
					for range 5 {
						js = append(js, spawn(l, forever))
					}
				})
				h.rounds(2)
			}
			h.x.Stop()
			require.NoError(t, h.x.Wait())
			for _, j := range js {
				require.True(t, j.Finished())
			}
			eventually(t, "their goroutines are gone", func() bool { return runtime.NumGoroutine() <= before })
		}
	}
}
