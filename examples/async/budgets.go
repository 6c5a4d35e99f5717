package main

import (
	"fmt"
	"io"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// budgets: a long computation asks now and then whether its turn should end, and awaits that never have to wait give
// way by themselves.
func budgets(w io.Writer) error {
	return on(exec.Config{Slice: 200 * time.Microsecond, AwaitBudget: 8}, func(co *exec.Co) error {
		l := co.Local()
		others := 0
		background, err := exec.Go(l, func(co *exec.Co) (nothing, error) {
			for {
				others++
				if err := co.Yield(); err != nil {
					return nothing{}, err
				}
			}
		})
		if err != nil {
			return err
		}
		yields := 0
		for start := time.Now(); time.Since(start) < 5*time.Millisecond; {
			if l.ShouldYield() {
				yields++
				if err := co.Yield(); err != nil {
					return err
				}
			}
		}
		fmt.Fprintln(w, "gave way:", yields > 2, "| others ran meanwhile:", others > 2)

		ready := exec.NewPromise[int](l)
		ready.Complete(1)
		others = 0
		for range 80 {
			if _, err := ready.Future().Await(co); err != nil {
				return err
			}
		}
		fmt.Fprintln(w, "80 awaits of what is ready, 8 at a time: others ran", others, "times")
		background.Abort()
		return nil
	})
}
