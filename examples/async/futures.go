package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/pushcore/pushcore/exec"
)

// futures are local to one Exec: completing and awaiting them is a few plain stores.
func futures(w io.Writer) error {
	return on(exec.Config{}, func(co *exec.Co) error {
		l := co.Local()
		answer, question := exec.NewPromise[int](l), exec.NewPromise[string](l)
		_, err := exec.Go(l, func(co *exec.Co) (nothing, error) {
			q, err := question.Future().Await(co)
			fmt.Fprintf(w, "asked: %s (%v)\n", q, err)
			answer.Complete(42)
			return nothing{}, nil
		})
		if err != nil {
			return err
		}
		question.Complete("what do you get?")
		v, err := answer.Future().Await(co)
		fmt.Fprintln(w, "answered:", v, err)

		fmt.Fprintln(w, "a second answer is accepted:", answer.TryComplete(43, nil))
		broken := exec.NewPromise[int](l)
		broken.Fail(errors.New("no such thing"))
		_, err = broken.Future().Await(co)
		fmt.Fprintln(w, "failed:", err)
		return nil
	})
}
