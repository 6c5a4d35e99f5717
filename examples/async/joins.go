package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// joins are results and handles. With OnPanic set, a panic ends its coroutine only and arrives as an error.
func joins(w io.Writer) error {
	return on(exec.Config{Name: "joins", OnPanic: func(exec.Panic) {}}, func(co *exec.Co) error {
		set := exec.NewJoinSet[string](co.Local())
		for _, d := range []time.Duration{30, 10, 20} {
			err := set.Go(func(co *exec.Co) (string, error) {
				return fmt.Sprintf("slept %v", d*time.Millisecond), co.Sleep(d * time.Millisecond)
			})
			if err != nil {
				return err
			}
		}
		for { // in the order in which they end
			v, ok, err := set.Next(co)
			if !ok {
				break
			}
			fmt.Fprintln(w, v, err)
		}

		j, err := exec.Go(co.Local(), func(*exec.Co) (int, error) { panic("out of cheese") })
		if err != nil {
			return err
		}
		_, err = j.Await(co)
		var p exec.Panic
		fmt.Fprintln(w, err, "| a panic:", errors.As(err, &p), "| with a stack:", len(p.Stack) > 0)

		sleeper, err := exec.Go(co.Local(), func(co *exec.Co) (int, error) { return 1, co.Sleep(time.Hour) })
		if err != nil {
			return err
		}
		_ = co.Yield() // it begins
		sleeper.Abort()
		_, err = sleeper.Await(co)
		fmt.Fprintln(w, "aborted:", errors.Is(err, exec.ErrCancelled))
		return nil
	})
}
