package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// cancel: a wait returns an error, and so does every later one; deferred functions run as ever.
func cancel(w io.Writer) error {
	x, err := exec.New(exec.Config{})
	if err != nil {
		return err
	}
	if err := x.Start(); err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(context.Background())
	ended := make(chan nothing)
	_, err = exec.CallGo(ctx, x, func(co *exec.Co) (nothing, error) {
		defer close(ended)
		defer fmt.Fprintln(w, "deferred functions run")
		time.AfterFunc(5*time.Millisecond, func() { stop(errors.New("the client hung up")) })
		err := co.Sleep(time.Hour)
		fmt.Fprintln(w, err)
		fmt.Fprintln(w, "a later wait:", errors.Is(co.Yield(), exec.ErrCancelled))
		return nothing{}, err
	})
	<-ended
	fmt.Fprintln(w, "the caller got an error:", err != nil)
	_, err = x.Drain(context.Background())
	return err
}
