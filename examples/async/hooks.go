package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

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
	return logged(w)
}

// logged is an Exec that survives its panics: each is in the log, with its stack, which this page leaves out.
func logged(w io.Writer) error {
	log := slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "stack" {
			return slog.Attr{}
		}
		return a
	}}))
	return on(exec.Config{Name: "logged", OnPanic: exec.LogPanics(log)}, func(co *exec.Co) error {
		careless, err := exec.Go(co.Local(), func(*exec.Co) (nothing, error) { panic("not that bad") })
		if err != nil {
			return err
		}
		_, err = careless.Await(co)
		fmt.Fprintln(w, "it goes on:", err)
		return nil
	})
}
