package main

import (
	"fmt"
	"io"
	"sync"

	"github.com/pushcore/pushcore/exec"
)

// wakers: a LocalWaker is for the loop, and is two plain stores; a Waker is for anyone. They are different types, so
// that neither can be taken for the other.
func wakers(w io.Writer) error {
	return on(exec.Config{}, func(co *exec.Co) error {
		local := co.LocalWaker()
		_, err := exec.Go(co.Local(), func(*exec.Co) (nothing, error) {
			fmt.Fprintln(w, "waking it from the loop")
			local.Wake()
			return nothing{}, nil
		})
		if err != nil {
			return err
		}
		fmt.Fprintln(w, "parked, and woken:", co.Park())

		shared := co.Waker()
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(shared.Wake) // from a hundred goroutines; wakes that nobody has dealt with yet are one
		}
		fmt.Fprintln(w, "parked, and woken:", co.Park())
		_, err = exec.Blocking(co, func() (nothing, error) { wg.Wait(); return nothing{}, nil })
		return err
	})
}
