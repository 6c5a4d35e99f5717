package main

import (
	"context"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// on starts an Exec, runs f on it as a coroutine, and ends the Exec.
func on(cfg exec.Config, f func(co *exec.Co) error) error {
	x, err := exec.New(cfg)
	if err != nil {
		return err
	}
	if err := x.Start(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := exec.CallGo(ctx, x, func(co *exec.Co) (struct{}, error) { return struct{}{}, f(co) }); err != nil {
		return err
	}
	_, err = x.Drain(ctx)
	return err
}

// nothing is what coroutines return that have nothing to return.
type nothing = struct{}
