package main

import (
	"fmt"
	"io"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// selecting waits for the first of several; the others are as if nobody had waited for them.
func selecting(w io.Writer) error {
	return on(exec.Config{}, func(co *exec.Co) error {
		l := co.Local()
		queue := exec.NewQueue[string](l, 4)
		stop := exec.NewPromise[nothing](l)
		_, err := exec.Go(l, func(co *exec.Co) (nothing, error) {
			for _, word := range []string{"first", "second"} {
				if err := queue.Send(co, word); err != nil {
					return nothing{}, err
				}
			}
			if err := co.Sleep(40 * time.Millisecond); err != nil {
				return nothing{}, err
			}
			stop.Complete(nothing{})
			return nothing{}, nil
		})
		if err != nil {
			return err
		}
		for {
			var word string
			i, err := exec.Select(co, stop.Future(), queue.Receiving(&word), exec.Elapsed(30*time.Millisecond))
			switch {
			case err != nil:
				return err
			case i == 0:
				fmt.Fprintln(w, "stopped")
				return nil
			case i == 1:
				fmt.Fprintln(w, "received", word)
			case i == 2:
				fmt.Fprintln(w, "nothing for 30 ms")
			}
		}
	})
}
