package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/pushcore/pushcore/exec"
)

// hooks: OnStart and OnStop run on the pinned thread. OnPanic is the policy for panics that nobody caught: without it
// they end the program; exec.Panic.Stop ends the Exec instead, and exec.LogPanics goes on.
func hooks(w io.Writer) error {
	x, err := exec.New(exec.Config{
		Name:    "hooked",
		OnStart: func(l *exec.Local) error { fmt.Fprintln(w, l.Exec().Name(), "starts"); return nil },
		OnStop:  func(l *exec.Local) { fmt.Fprintln(w, l.Exec().Name(), "stops") },
		OnPanic: exec.Panic.Stop,
	})
	if err != nil {
		return err
	}
	if err := x.Start(); err != nil {
		return err
	}
	err = x.Send(context.Background(), exec.Func(func(l *exec.Local) {
		_, _ = exec.Go(l, func(*exec.Co) (nothing, error) { panic("lost my state") })
	}))
	if err != nil {
		return err
	}
	err = x.Wait()
	var p exec.Panic
	fmt.Fprintln(w, err, "| a panic:", errors.As(err, &p))
	return nil
}
