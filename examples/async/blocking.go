package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// blocking: what would stall the loop runs on one of a few goroutines beside it.
func blocking(w io.Writer) error {
	return on(exec.Config{MaxBlocking: 1}, func(co *exec.Co) error {
		turns := 0
		tick, _ := co.Local().Every(time.Millisecond, exec.Func(func(*exec.Local) { turns++ }))
		defer tick.Stop()
		name, err := exec.Blocking(co, func() (string, error) {
			time.Sleep(20 * time.Millisecond)
			dir, err := os.MkdirTemp("", "async")
			return dir, err
		})
		if err != nil {
			return err
		}
		fmt.Fprintln(w, "made a directory:", name != "", "| the loop went on:", turns > 1)

		hold := make(chan struct{})
		first, err := exec.GoBlocking(co.Local(), func() (int, error) { <-hold; return 1, os.RemoveAll(name) })
		if err != nil {
			return err
		}
		second, err := exec.GoBlocking(co.Local(), func() (int, error) { return 2, nil })
		if err != nil {
			return err
		}
		fmt.Fprintln(w, "the second was cancelled before it began:", second.Cancel())
		close(hold)
		v, err := first.Await(co)
		fmt.Fprintln(w, "the first:", v, err)
		return nil
	})
}
