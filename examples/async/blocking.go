package main

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// blocking: what would stall the loop runs on one of a few goroutines beside it.
func blocking(w io.Writer) error {
	return on(exec.Config{MaxBlocking: 1}, func(co *exec.Co) error {
		var ticks atomic.Int64
		tick, _ := co.Local().Every(time.Millisecond, exec.Func(func(*exec.Local) { ticks.Add(1) }))
		defer tick.Stop()
		name, err := exec.Blocking(co, func() (string, error) {
			for ticks.Load() < 3 { // the loop goes on meanwhile
				time.Sleep(time.Millisecond)
			}
			return os.MkdirTemp("", "async")
		})
		if err != nil {
			return err
		}
		fmt.Fprintln(w, "made a directory:", name != "", "| timers went on:", ticks.Load() >= 3)

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
