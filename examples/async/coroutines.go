package main

import (
	"fmt"
	"io"

	"github.com/pushcore/pushcore/exec"
)

// coroutines share one thread: nothing else runs between two waits, so the counter needs no lock.
func coroutines(w io.Writer) error {
	return on(exec.Config{Name: "one"}, func(co *exec.Co) error {
		counter := 0
		var all []*exec.Join[int]
		for id := range 3 {
			j, err := exec.Go(co.Local(), func(co *exec.Co) (int, error) {
				for step := range 2 {
					counter++
					fmt.Fprintf(w, "coroutine %d, step %d, counter %d\n", id, step, counter)
					if err := co.Yield(); err != nil { // the others have their turn
						return 0, err
					}
				}
				return id * id, nil
			})
			if err != nil {
				return err
			}
			all = append(all, j)
		}
		for _, j := range all {
			v, err := j.Await(co)
			fmt.Fprintln(w, "result", v, err)
		}
		return nil
	})
}
